using System.Globalization;
using System.Text;
using MeshSdk.Testing;

namespace MeshSdk.LoadTest.Cluster;

/// <summary>EndpointSlices as a large cluster has them, with all that the mesh has no use for: 3.7 kB of JSON each.</summary>
internal static class SliceManifests
{
    public const int EndpointsPerSlice = 10;

    private const int SlicesPerService = 10;
    private const int ServicesPerNamespace = 100;
    private const int Batch = 100;

    public static async Task ApplyAsync(EmbeddedKubernetes cluster, int count)
    {
        var services = (count + SlicesPerService - 1) / SlicesPerService;
        await cluster.ApplyAsync(List(Enumerable.Range(0, (services + ServicesPerNamespace - 1) / ServicesPerNamespace).Select(Namespace)));
        foreach (var batch in Enumerable.Range(0, services).Select(Service).Concat(Enumerable.Range(0, count).Select(Slice)).Chunk(Batch))
        {
            await cluster.ApplyAsync(List(batch));
        }
    }

    private static string List(IEnumerable<string> items) => $$"""{"apiVersion":"v1","kind":"List","items":[{{string.Join(',', items)}}]}""";

    private static string Namespace(int number) => $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop-{{{number}}}"}}""";

    private static string Service(int number) =>
        $$$"""
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"service-{{{number}}}","namespace":"shop-{{{number / ServicesPerNamespace}}}"},
        "spec":{"ports":[{"name":"http","port":80,"targetPort":8080,"protocol":"TCP","appProtocol":"http"}]}}
        """;

    private static string Slice(int number)
    {
        var service = number / SlicesPerService;
        var ns = $"shop-{service / ServicesPerNamespace}";
        var endpoints = new StringBuilder();
        for (var i = 0; i < EndpointsPerSlice; i++)
        {
            endpoints.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture,
                $$$"""
                {"addresses":["10.{{{number / 250}}}.{{{number % 250}}}.{{{i + 1}}}"],"conditions":{"ready":true,"serving":true,"terminating":false},
                "nodeName":"ip-10-0-{{{((number * EndpointsPerSlice) + i) % 500}}}.eu-central-1.compute.internal","zone":"eu-central-1{{{(char)('a' + (i % 3))}}}",
                "targetRef":{"kind":"Pod","namespace":"{{{ns}}}","name":"service-{{{service}}}-5d4f6c7b8-{{{(number * EndpointsPerSlice) + i:D5}}}",
                "uid":"8b2d3c4e-{{{number % 10000:D4}}}-4{{{i:D3}}}-8aaa-{{{number:D12}}}"}}
                """);
        }

        return string.Create(CultureInfo.InvariantCulture,
            $$$"""
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"service-{{{service}}}-x{{{number:D5}}}","namespace":"{{{ns}}}",
            "labels":{"app":"service-{{{service}}}","kubernetes.io/service-name":"service-{{{service}}}"},
            "annotations":{"endpoints.kubernetes.io/last-change-trigger-time":"2026-01-31T12:00:{{{number % 60:D2}}}Z"}},
            "addressType":"IPv4","ports":[{"name":"http","port":8080,"protocol":"TCP","appProtocol":"http"}],"endpoints":[{{{endpoints}}}]}
            """);
    }
}
