"""Several replicas of the router: behind a balancer on this machine, and as Kubernetes has them."""
