"""The fault lab: labelled troubles on real sockets, and how often the diagnosis finds them."""
