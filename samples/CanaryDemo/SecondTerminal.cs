namespace CanaryDemo;

/// <summary>The commands that steer the demo from outside, ready to be copied.</summary>
internal static class SecondTerminal
{
    public static IEnumerable<string> Commands(string kubeconfig, string certificates)
    {
        var (file, identity) = (Quote(kubeconfig), Quote(certificates));
        var (kubectl, there) = ($"kubectl --kubeconfig {file}", $"-n {Cluster.Namespace}");
        yield return $"{kubectl} get httproute {there}";
        yield return $"{kubectl} patch httproute {Route.Name} {there} --type=json -p '{Route.PatchOf(new Weights(50, 50))}'";
        yield return $"{kubectl} edit httproute {Route.Name} {there}";
        yield return $"{kubectl} get pods,endpointslices {there}";
        yield return $"{kubectl} delete pod backend-v1-1 {there}";
        yield return "";
        var (mesh, cluster) = ("dotnet run --project src/MeshSdk.Tool --", $"{there} --kubeconfig {file}");
        yield return $"{mesh} describe service backend-v1 {cluster} --certs {identity}";
        yield return $"{mesh} explain {cluster} --certs {identity} http://backend";
        yield return $"{mesh} curl {cluster} --certs {identity} --count 20 -v http://backend";
    }

    private static string Quote(string path) => path.Contains(' ') ? $"'{path}'" : path;
}
