"""The fault lab: labelled faults on real sockets, and how often the diagnosis finds them."""
