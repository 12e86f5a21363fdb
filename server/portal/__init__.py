"""The patients' portal: files that `clients/portal` builds, and pages that bring their first answer along."""
