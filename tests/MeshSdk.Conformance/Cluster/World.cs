using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using MeshSdk.Conformance.Cases;
using MeshSdk.Testing;
using MeshSdk.Testing.Api;

namespace MeshSdk.Conformance.Cluster;

/// <summary>
/// One scenario's cluster: an API server of its own with the suite's Services and pods and the scenario's objects, and the applications in it that call.
/// The objects are there before the first application starts, so that nothing of another scenario is ever seen.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<Task<Caller>>> _callers = new(StringComparer.Ordinal);
    private readonly Scenario _scenario;
    private readonly AdjustableTime _time = new();

    private World(EchoPods pods, Scenario scenario)
    {
        Pods = pods;
        _scenario = scenario;
    }

    public EchoPods Pods { get; }

    public EmbeddedKubernetes Api { get; private set; } = null!;

    /// <summary>How long a case may try before it counts as failed; short once one has had the whole time in vain.</summary>
    public Patience Patience { get; } = new();

    public static async Task<World> StartAsync(EchoPods pods, Scenario scenario, CancellationToken cancellationToken)
    {
        var world = new World(pods, scenario);
        var kinds = new ObjectSemantics();
        foreach (var kind in scenario.NotInstalled)
        {
            kinds.Undefine(kind);
        }

        world.Api = await EmbeddedKubernetes.StartAsync(
            options =>
            {
                options.Time = world._time;
                options.Semantics = kinds;
            },
            cancellationToken);
        await world.PopulateAsync(cancellationToken);
        foreach (var file in scenario.Manifests)
        {
            await world.ApplyAsync(Manifest.Read(file), cancellationToken);
        }

        await world.UntilSlicesAsync(cancellationToken);
        return world;
    }

    /// <summary>Applies the objects one after the other, each a second later than the one before.</summary>
    public async Task ApplyAsync(string manifests, CancellationToken cancellationToken)
    {
        var server = Pods.Server(Names.Infra, "infra-backend-v1").EndPoints[8080];
        var text = manifests.Replace("ADDRESS", $"{server.Address}", StringComparison.Ordinal).Replace(": PORT", $": {server.Port}", StringComparison.Ordinal);
        foreach (var document in text.Split("\n---\n"))
        {
            await Api.ApplyAsync(document, cancellationToken);
            if (!_scenario.SameAge)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
            }
        }
    }

    /// <summary>Lets a ConfigMap of the backends' namespace hold the certificate of an authority, or whatever else the text is.</summary>
    public Task ApplyAuthorityAsync(string name, string pem, CancellationToken cancellationToken) => Api.ApplyAsync(
        new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Names.Infra },
            ["data"] = new JsonObject { ["ca.crt"] = pem },
        }.ToJsonString(),
        cancellationToken);

    /// <summary>The application in a namespace, started when it is first asked for.</summary>
    public Task<Caller> CallerAsync(string ns) =>
        _callers.GetOrAdd(ns, static (name, world) => new(() => Caller.StartAsync(world.Api, world._scenario, name)), this).Value;

    /// <summary>A field of an object, such as <c>spec.clusterIP</c>.</summary>
    public async Task<string> FieldAsync(string kind, string ns, string name, params string[] path)
    {
        var node = JsonNode.Parse(await Api.GetAsync(kind, ns, name) ?? throw new InvalidOperationException($"There is no {kind} {ns}/{name}."));
        return path.Aggregate(node, static (at, field) => int.TryParse(field, out var index) ? at![index] : at![field])!.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var caller in _callers.Values)
        {
            await (await caller.Value).DisposeAsync();
        }

        await Api.DisposeAsync();
    }

    private async Task PopulateAsync(CancellationToken cancellationToken)
    {
        foreach (var server in Pods.Servers)
        {
            var (pod, ports) = (server.Identity, server.EndPoints);
            await Api.AddPodAsync(
                pod.Namespace,
                pod.Pod,
                EchoPods.Labels(pod),
                ports[8080],
                8080,
                options =>
                {
                    foreach (var (container, endPoint) in ports)
                    {
                        options.AdditionalPorts[container] = endPoint.Port;
                    }
                },
                cancellationToken);
        }

        await Api.ApplyAsync(Manifest.Read("base"), cancellationToken);
        await ApplyAuthorityAsync(EchoCertificates.ConfigMap, Pods.Certificates.Authority, cancellationToken);
        await ApplyAuthorityAsync(EchoCertificates.StrangersConfigMap, Pods.Certificates.Stranger, cancellationToken);
    }

    /// <summary>Waits for the controller, which works in its own time: every Service with a selector has its endpoints then.</summary>
    private async Task UntilSlicesAsync(CancellationToken cancellationToken)
    {
        using var client = Api.CreateClient();
        async Task<List<JsonNode>> ListAsync(string path) =>
            [.. JsonNode.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken))!["items"]!.AsArray().Select(static item => item!)];

        var selecting = (await ListAsync("/api/v1/services"))
            .Where(static service => service["spec"]!["selector"] is JsonObject { Count: > 0 })
            .Select(static service => $"{service["metadata"]!["namespace"]}/{service["metadata"]!["name"]}")
            .ToHashSet();
        await Wait.UntilAsync(async () =>
        {
            var slices = await ListAsync("/apis/discovery.k8s.io/v1/endpointslices");
            return selecting.IsSubsetOf(slices.Select(static slice =>
                $"{slice["metadata"]!["namespace"]}/{slice["metadata"]!["labels"]?["kubernetes.io/service-name"]}"));
        });
    }
}
