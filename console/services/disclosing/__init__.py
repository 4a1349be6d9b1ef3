"""What leaves the house: bundles of evidence, exhibits, counts, reports; on record before they leave."""
