"""Use cases: one public function is one verb and one transaction."""
