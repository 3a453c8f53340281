enum NothingYet {}
