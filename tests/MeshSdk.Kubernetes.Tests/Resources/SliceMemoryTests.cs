using System.Diagnostics;
using System.Text;
using MeshSdk.Kubernetes.Tests.Fixtures;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Kubernetes.Wire;
using MeshSdk.Resources;

namespace MeshSdk.Kubernetes.Tests.Resources;

[Collection(nameof(Alone))]
public sealed class SliceMemoryTests(ITestOutputHelper output)
{
    private const int Slices = 10_000;
    private const int EndpointsPerSlice = 10;

    /// <summary>The largest cluster that slices are tested for upstream, as one list. The bounds leave room for slow and busy machines; the figures are printed.</summary>
    [Fact]
    public async Task A_hundred_thousand_endpoints_take_little_room()
    {
        var body = Body();
        var target = Followed.Target("discovery.k8s.io", "EndpointSlice", "endpointslices", "v1");
        var warm = new ToldSet();
        await ReadAsync(body, target, warm);
        GC.KeepAlive(warm);
        warm = null;

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        var processor = Environment.CpuUsage.TotalTime;
        var set = new ToldSet();
        await ReadAsync(body, target, set);
        var update = set.TakeChanges(condition: null)!;
        watch.Stop();
        processor = Environment.CpuUsage.TotalTime - processor;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        var retained = GC.GetTotalMemory(forceFullCollection: true) - before;

        output.WriteLine($"{body.Length / 1e6:F1} MB of JSON: {watch.ElapsedMilliseconds} ms (processor {processor.TotalMilliseconds:F0} ms), {allocated / 1e6:F1} MB allocated, {retained / 1e6:F1} MB retained");
        Assert.Equal(Slices, update.Upserts.Length);
        Assert.Equal(Slices * EndpointsPerSlice, update.Upserts.Sum(slice => ((EndpointSlice)slice).Endpoints!.Value.Length));
        Assert.InRange(retained, 1_000_000, 40_000_000);
        GC.KeepAlive(set);
        GC.KeepAlive(update);
    }

    [Fact]
    public void What_is_shared_reads_as_it_was_written()
    {
        var json = Encoding.UTF8.GetBytes(Slice(3));
        var slice = Assert.IsType<EndpointSlice>(new ObjectDecoder(Followed.Target("discovery.k8s.io", "EndpointSlice", "endpointslices", "v1")).Decode(json).Resource);
        var endpoint = slice.Endpoints!.Value[2];

        Assert.Equal("service-0", slice.ServiceName);
        Assert.Equal((true, true, false), (endpoint.Conditions!.Ready, endpoint.Conditions.Serving, endpoint.Conditions.Terminating));
        Assert.Equal("8b2d3c4e-0003-4002-8aaa-000000000003", endpoint.TargetRef!.Uid);
        Assert.Equal(("Pod", "shop-0", "service-0-5d4f6c7b8-00302"), (endpoint.TargetRef.Kind, endpoint.TargetRef.Namespace, endpoint.TargetRef.Name));
        Assert.Equal(("ip-10-0-32.eu-central-1.compute.internal", "eu-central-1c"), (endpoint.NodeName, endpoint.Zone));
        Assert.Same(slice.Endpoints.Value[2].Conditions, slice.Endpoints.Value[3].Conditions);
    }

    [Fact]
    public void Slices_keep_the_label_of_their_service_and_those_of_one_share_it()
    {
        var decoder = new ObjectDecoder(Followed.Target("discovery.k8s.io", "EndpointSlice", "endpointslices", "v1"));
        var labels = new[] { 9, 10, 11 }.Select(number => decoder.Decode(Encoding.UTF8.GetBytes(Slice(number))).Resource!.Metadata.Labels!).ToArray();

        Assert.Equal(["service-0", "service-1", "service-1"], labels.Select(label => Assert.Single(label).Value));
        Assert.NotSame(labels[0], labels[1]);
        Assert.Same(labels[1], labels[2]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("u1")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("8B2D3C4E-0003-4002-8AAA-000000000003")]
    [InlineData("8b2d3c4e-0003-4002-8aaa-000000000003")]
    public void A_uid_is_given_back_as_it_came(string? uid) => Assert.Equal((uid, uid), (new ObjectReference { Uid = uid }.Uid, new ObjectMeta { Uid = uid }.Uid));

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(true, null, false)]
    [InlineData(false, true, true)]
    [InlineData(null, false, true)]
    public void Conditions_are_given_back_as_they_came(bool? ready, bool? serving, bool? terminating)
    {
        var conditions = new EndpointConditions { Ready = ready, Serving = serving, Terminating = terminating };

        Assert.Equal(conditions, new SliceEndpoint { Conditions = conditions }.Conditions);
    }

    private static async Task ReadAsync(byte[] body, WatchTarget target, ToldSet set)
    {
        var list = new ListReplacement(set, new ObjectDecoder(target));
        using var window = new ByteWindow(new MemoryStream(body));
        await ListBody.ReadAsync(window, list.Add, static () => default);
        set.Replace(list);
    }

    private static byte[] Body()
    {
        var text = new StringBuilder("""{"kind":"EndpointSliceList","apiVersion":"discovery.k8s.io/v1","metadata":{"resourceVersion":"9"},"items":[""");
        for (var i = 0; i < Slices; i++)
        {
            text.Append(i > 0 ? "," : "").Append(Slice(i));
        }

        return Encoding.UTF8.GetBytes(text.Append("]}").ToString());
    }

    private static string Slice(int number)
    {
        var service = $"service-{number / 10}";
        var endpoints = Enumerable.Range(0, EndpointsPerSlice).Select(i => $$$"""
            {"addresses":["10.{{{number / 250}}}.{{{number % 250}}}.{{{i + 1}}}"],"conditions":{"ready":true,"serving":true,"terminating":false},
            "nodeName":"ip-10-0-{{{(number * 10 + i) % 500}}}.eu-central-1.compute.internal","zone":"eu-central-1{{{(char)('a' + (i % 3))}}}",
            "targetRef":{"kind":"Pod","namespace":"shop-{{{number / 100}}}","name":"{{{service}}}-5d4f6c7b8-{{{(number * 100) + i:D5}}}","uid":"8b2d3c4e-{{{number % 10000:D4}}}-4{{{i:D3}}}-8aaa-{{{number:D12}}}"}}
            """);
        return $$$"""
            {"metadata":{"name":"{{{service}}}-x{{{number:D4}}}","generateName":"{{{service}}}-","namespace":"shop-{{{number / 100}}}","uid":"1a2b3c4d-0000-4000-8000-{{{number:D12}}}",
            "resourceVersion":"{{{100000 + number}}}","generation":7,"creationTimestamp":"2026-01-31T12:00:00Z",
            "labels":{"app":"{{{service}}}","endpointslice.kubernetes.io/managed-by":"endpointslice-controller.k8s.io","kubernetes.io/service-name":"{{{service}}}"},
            "annotations":{"endpoints.kubernetes.io/last-change-trigger-time":"2026-01-31T12:00:{{{number % 60:D2}}}Z"},
            "ownerReferences":[{"apiVersion":"v1","kind":"Service","name":"{{{service}}}","uid":"9a2b3c4d-0000-4000-8000-{{{number / 10:D12}}}","controller":true,"blockOwnerDeletion":true}],
            "managedFields":[{"manager":"kube-controller-manager","operation":"Update","apiVersion":"discovery.k8s.io/v1","time":"2026-01-31T12:00:00Z","fieldsType":"FieldsV1",
            "fieldsV1":{"f:addressType":{},"f:endpoints":{},"f:metadata":{"f:annotations":{".":{},"f:endpoints.kubernetes.io/last-change-trigger-time":{} },"f:generateName":{},
            "f:labels":{".":{},"f:app":{},"f:endpointslice.kubernetes.io/managed-by":{},"f:kubernetes.io/service-name":{} },"f:ownerReferences":{".":{},"k:{\"uid\":\"9\"}":{} } },"f:ports":{} } }]},
            "addressType":"IPv4","ports":[{"name":"http","port":8080,"protocol":"TCP","appProtocol":"http"}],"endpoints":[{{{string.Join(",", endpoints)}}}]}
            """;
    }
}
