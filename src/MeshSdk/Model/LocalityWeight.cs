namespace MeshSdk.Model;

/// <summary>How much of a cluster's traffic the endpoints of one locality take, in proportion to the others.</summary>
internal readonly record struct LocalityWeight(Locality Locality, int Weight);
