//! The claim gate and its barrier; std only, so that loom can run it exhaustively
