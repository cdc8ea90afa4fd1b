//! Opening: settings asserted, damage set aside (C5).
