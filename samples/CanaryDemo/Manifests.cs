using System.Text.RegularExpressions;

namespace CanaryDemo;

/// <summary>
/// A working copy of the manifests in <c>mesh/</c>, in the place of a cluster: with the EndpointSlices that a cluster would make for the pods, and
/// with a route that can be changed as by <c>kubectl apply</c>.
/// </summary>
internal sealed partial class Manifests : IDisposable
{
    private const string RouteFile = "httproute.yaml";

    private Manifests(string folder) => Folder = folder;

    public string Folder { get; }

    public static Manifests For(IReadOnlyList<Pod> pods)
    {
        var manifests = new Manifests(Directory.CreateTempSubdirectory("canary-demo-").FullName);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "mesh"), "*.yaml"))
        {
            File.Copy(file, Path.Combine(manifests.Folder, Path.GetFileName(file)));
        }

        manifests.Write("endpointslices.yaml", EndpointSlices.For(pods));
        return manifests;
    }

    /// <summary>Writes new weights into the route.</summary>
    public void SetWeights(Weights weights)
    {
        var next = new Queue<int>([weights.V1, weights.V2]);
        var route = File.ReadAllText(Path.Combine(Folder, RouteFile));
        Write(RouteFile, WeightField().Replace(route, _ => $"weight: {next.Dequeue()}"));
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    // Renamed into place, so that nobody ever reads half a file.
    private void Write(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }

    [GeneratedRegex(@"weight: \d+")]
    private static partial Regex WeightField();
}
