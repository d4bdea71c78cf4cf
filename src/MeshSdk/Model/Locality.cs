namespace MeshSdk.Model;

/// <summary>Where an endpoint or a caller runs; parts that are not known are empty.</summary>
internal sealed record Locality(string Region, string Zone, string SubZone)
{
    public static Locality Unknown { get; } = new("", "", "");

    public override string ToString() => $"{Region}/{Zone}/{SubZone}".TrimEnd('/');
}
