using Grpc.Net.Client;

namespace MeshSdk.AspNetCore.Tests.Fixtures.Clients;

/// <summary>The client half of this library, which is told by a DestinationRule, or by the pod of the server, how it is called.</summary>
/// <param name="isTold">Whether a DestinationRule says ISTIO_MUTUAL; else it goes by the label of the pod.</param>
internal sealed class MeshCaller(bool isTold) : ICaller
{
    public async Task<Answer> CallAsync(Call call)
    {
        var source = new InMemorySource();
        source.Apply(ManifestsFor(call));
        await using var mesh = await Mesh.StartAsync(new MeshOptions
        {
            Namespace = "web",
            InMemory = source,
            Identity = { Source = new InMemoryCertificateSource(call.Certificate.ToIdentity()) },
        });
        var recorded = new MeshClientOptions { RecordCalls = true };
        if (call.IsGrpc)
        {
            // UNAVAILABLE may also be what the server says: only the flags tell who it was.
            var recorder = new FlagRecorder(mesh.CreateHandler(recorded));
            using var channel = GrpcChannel.ForAddress("http://backend.shop", new GrpcChannelOptions { HttpHandler = recorder, DisposeHttpClient = true });
            var answer = await GrpcCaller.CallAsync(channel.CreateCallInvoker());
            return answer.Text == "grpc-status 14" && IsRefused(recorder.Last) ? Answer.Refused : answer;
        }

        using var client = new HttpMessageInvoker(mesh.CreateHandler(recorded));
        using var request = HttpClientCaller.RequestFor(call, "http://backend.shop/");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken).WaitAsync(Eventually.Patience);
        return IsRefused(response.GetMeshCall()!.Flags) ? Answer.Refused : await HttpClientCaller.AnswerOfAsync(call, response);
    }

    // A connection that could not be made, or that ended without an answer.
    private static bool IsRefused(string? flags) => flags is "UF" or "UC";

    private string ManifestsFor(Call call) =>
        $$"""
        apiVersion: v1
        kind: Service
        metadata: { name: backend, namespace: shop }
        spec: { selector: { app: backend }, ports: [{ name: {{(call.IsGrpc ? "grpc" : call.IsHttp2 ? "http2" : "http")}}, port: 80 }] }
        ---
        apiVersion: v1
        kind: Pod
        metadata: { name: backend-1, namespace: shop, labels: { app: backend{{(call.ShowsCertificate ? ", security.istio.io/tlsMode: istio" : "")}} } }
        spec: { serviceAccountName: backend, containers: [] }
        status: { podIP: 127.0.0.1, podIPs: [{ ip: 127.0.0.1 }] }
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: backend-a, namespace: shop, labels: { kubernetes.io/service-name: backend } }
        addressType: IPv4
        ports: [{ name: {{(call.IsGrpc ? "grpc" : call.IsHttp2 ? "http2" : "http")}}, port: {{call.Server.Port}} }]
        endpoints: [{ addresses: [127.0.0.1], targetRef: { kind: Pod, name: backend-1, namespace: shop } }]
        ---
        {{RuleFor(call)}}
        """;

    private string RuleFor(Call call)
    {
        var tls = call.Layer switch
        {
            Layers.MutualTls => isTold ? "tls: { mode: ISTIO_MUTUAL }" : "",
            Layers.Plaintext => "tls: { mode: DISABLE }",
            _ => "tls: { mode: SIMPLE, insecureSkipVerify: true }",
        };
        return tls.Length == 0
            ? ""
            : $$"""
              apiVersion: networking.istio.io/v1
              kind: DestinationRule
              metadata: { name: backend, namespace: shop }
              spec: { host: backend.shop.svc.cluster.local, trafficPolicy: { {{tls}} } }
              """;
    }

    /// <summary>Keeps what became of the last call, which gRPC's client does not hand on.</summary>
    private sealed class FlagRecorder(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        public string? Last { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            Last = response.GetMeshCall()?.Flags;
            return response;
        }
    }
}
