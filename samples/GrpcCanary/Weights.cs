namespace GrpcCanary;

/// <summary>The weights of the two versions in the route.</summary>
internal readonly record struct Weights(int V1, int V2)
{
    public int Total => V1 + V2;

    public int Of(string version) => version == "v1" ? V1 : V2;

    public override string ToString() => $"{V1}/{V2}";
}
