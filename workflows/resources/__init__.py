"""Teams, vehicles, vessels and equipment as units: from check-in to demobilisation."""
