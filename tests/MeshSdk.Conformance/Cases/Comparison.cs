namespace MeshSdk.Conformance.Cases;

/// <summary>What an answer is other than expected. The upstream suite looks at part of it only; here all of it counts.</summary>
internal static class Comparison
{
    /// <returns>Null: the answer is the one expected.</returns>
    public static string? Differ(Scenario scenario, Call call, Expected expected, Answer answer, Version version)
    {
        var differences = new List<string>();
        void Check(string what, object? wanted, object? got)
        {
            if (!Equals(wanted, got))
            {
                differences.Add($"{what}: expected {wanted ?? "none"}, got {got ?? "none"}");
            }
        }

        Check("status", expected.Status, answer.Status);
        if (call.IsGrpc)
        {
            Check("gRPC status", expected.GrpcStatus ?? 0, answer.GrpcStatus);
        }

        Check("Location", expected.Location, answer.Header("Location"));
        if (expected.Pod is { } pod)
        {
            CheckPod(pod);
        }
        else
        {
            // Nobody but the mesh says no: an error of a server would prove nothing.
            Check("pod", null, answer.Pod);
        }

        foreach (var (name, value) in expected.Sees)
        {
            Check($"request header {name}", value, answer.Saw(name));
        }

        foreach (var (name, value) in expected.Returns)
        {
            Check($"response header {name}", value, answer.Header(name));
        }

        return differences.Count == 0 ? null : string.Join('\n', differences);

        void CheckPod(string workload)
        {
            var url = new Uri(call.Url);
            var host = call.Headers.LastOrDefault(static header => header.Name == "Host").Value ?? url.Authority;
            Check("pod", workload, answer.Pod is { } name && name.StartsWith(workload + "-", StringComparison.Ordinal) ? workload : answer.Pod);
            Check("namespace", expected.Namespace ?? scenario.BackendNamespace, answer.Namespace);
            Check("URL", expected.Target ?? url.PathAndQuery, answer.Target);
            Check("host", expected.Host ?? host, answer.Host);
            Check("method", call.Method, answer.Method);
            Check("protocol", scenario.Protocol ?? (version.Major == 2 ? "HTTP/2" : "HTTP/1.1"), answer.Protocol);
        }
    }
}
