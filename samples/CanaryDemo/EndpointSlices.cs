namespace CanaryDemo;

/// <summary>What a cluster writes down of the pods behind its Services.</summary>
internal static class EndpointSlices
{
    // The endpoints of a slice share one port.
    public static string For(IReadOnlyList<Pod> pods) =>
        string.Join("---\n", pods.GroupBy(pod => (pod.Version, pod.Address.Port)).Select(group => Slice(group.Key.Version, group.Key.Port, group)));

    private static string Slice(string version, int port, IEnumerable<Pod> pods) =>
        $"""
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: backend-{version}-{port}
          namespace: istio-test
          labels:
            kubernetes.io/service-name: backend-{version}
        addressType: IPv4
        ports:
        - name: http
          port: {port}
        endpoints:
        {string.Join('\n', pods.Select(pod => $"- addresses: [{pod.Address.Address}]"))}

        """;
}
