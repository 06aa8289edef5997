-- Which erasures have not been done is asked every few seconds, by their leaf.
create index erased_of_leaf on erased (leaf);
