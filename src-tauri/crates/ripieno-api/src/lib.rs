//! The one typed protocol: requests, views, errors, dispatcher, socket and loopback servers, client
