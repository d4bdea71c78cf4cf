using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Controllers.EndpointSlices;

namespace MeshSdk.Testing.Pods;

/// <summary>The objects that make a local server look like a pod that a Deployment has started on some node.</summary>
internal sealed class LocalPodManifest
{
    private const string ZoneLabel = "topology.kubernetes.io/zone";
    private const string RegionLabel = "topology.kubernetes.io/region";
    private const string TemplateHashLabel = "pod-template-hash";
    private const string Container = "server";
    private const string Image = "meshsdk.dev/local-process";

    private readonly string _namespace;
    private readonly string _name;
    private readonly IReadOnlyDictionary<string, string> _labels;
    private readonly IPEndPoint _server;
    private readonly SortedDictionary<int, int> _ports;
    private readonly int _containerPort;
    private readonly LocalPodOptions _options;

    /// <exception cref="ArgumentException">A port is out of range.</exception>
    public LocalPodManifest(
        string ns, string name, IReadOnlyDictionary<string, string> labels, IPEndPoint server, int containerPort, LocalPodOptions options)
    {
        _namespace = ns;
        _name = name;
        _labels = labels;
        _server = server;
        _containerPort = containerPort;
        _options = options;
        _ports = new(options.AdditionalPorts) { [containerPort] = server.Port };
        foreach (var port in _ports.Keys.Concat(_ports.Values))
        {
            if (port is < 1 or > 65535)
            {
                throw new ArgumentOutOfRangeException(nameof(containerPort), port, "A port is a number from 1 to 65535.");
            }
        }
    }

    public string? NodeName => _options.NodeName ?? (_options.Zone is { } zone ? "node-" + zone : null);

    public static JsonObject Namespace(string name) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Namespace",
        ["metadata"] = new JsonObject { ["name"] = name },
    };

    /// <summary>The node with the zone and region that the pod asks for; null: there is nothing to write.</summary>
    /// <param name="stored">Null where there is none.</param>
    public JsonObject? Node(JsonObject? stored)
    {
        var labels = stored.TextMapAt("metadata", "labels");
        var wanted = labels
            .SetItem("kubernetes.io/hostname", NodeName!)
            .SetItems(new[] { (ZoneLabel, _options.Zone), (RegionLabel, _options.Region) }
                .Where(label => label.Item2 is not null)
                .Select(label => KeyValuePair.Create(label.Item1, label.Item2!)));
        if (stored is not null && wanted.SequenceEqual(labels))
        {
            return null;
        }

        var node = stored?.DeepClone().AsObject() ?? new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["metadata"] = new JsonObject { ["name"] = NodeName },
            ["status"] = new JsonObject { ["conditions"] = new JsonArray(Condition("Ready", true)) },
        };
        node["metadata"]!["labels"] = wanted.ToJsonObject();
        return node;
    }

    public JsonObject Pod()
    {
        var status = new JsonObject
        {
            ["phase"] = "Running",
            ["podIP"] = Address,
            ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = Address }),
        };
        SetReady(status, _options.Ready);
        var spec = new JsonObject
        {
            ["serviceAccountName"] = _options.ServiceAccountName,
            ["containers"] = new JsonArray(new JsonObject { ["name"] = Container, ["image"] = Image, ["ports"] = ContainerPorts() }),
        };
        if (NodeName is { } node)
        {
            spec["nodeName"] = node;
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = Metadata(),
            ["spec"] = spec,
            ["status"] = status,
        };
    }

    public static void SetReady(JsonObject status, bool ready)
    {
        status["conditions"] = new JsonArray(
            Condition("PodScheduled", true), Condition("Initialized", true), Condition("ContainersReady", ready), Condition("Ready", ready));
        status["containerStatuses"] = new JsonArray(new JsonObject
        {
            ["name"] = Container,
            ["image"] = Image,
            ["imageID"] = "",
            ["ready"] = ready,
            ["started"] = true,
            ["restartCount"] = 0,
            ["state"] = new JsonObject { ["running"] = new JsonObject() },
        });
    }

    // A link-local address has a scope on this machine only, which is no part of a pod's address.
    private string Address =>
        (_server.Address.IsIPv4MappedToIPv6 ? _server.Address.MapToIPv4() : new IPAddress(_server.Address.GetAddressBytes())).ToString();

    private JsonObject Metadata()
    {
        var labels = new SortedDictionary<string, string>(_labels.ToDictionary(), StringComparer.Ordinal);
        var annotations = new SortedDictionary<string, string>(_options.Annotations, StringComparer.Ordinal);
        var metadata = new JsonObject { ["name"] = _name, ["namespace"] = _namespace };
        if (_options.Workload is { } workload)
        {
            var seed = SHA256.HashData(Encoding.UTF8.GetBytes($"{_namespace}/{workload}"));
            var hash = Convert.ToHexStringLower(seed)[..10];
            labels.TryAdd(TemplateHashLabel, hash);
            metadata["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = "apps/v1",
                ["kind"] = "ReplicaSet",
                ["name"] = $"{workload}-{labels[TemplateHashLabel]}",
                ["uid"] = new Guid(seed.AsSpan(0, 16)).ToString(),
                ["controller"] = true,
                ["blockOwnerDeletion"] = true,
            });
        }

        if (_ports.Any(port => port.Key != port.Value))
        {
            annotations.TryAdd(LocalPorts.Annotation, LocalPorts.Format(_ports));
        }

        metadata["labels"] = labels.ToJsonObject();
        metadata["annotations"] = annotations.ToJsonObject();
        return metadata;
    }

    private JsonArray ContainerPorts() => new([.. _ports.Keys.Select(number =>
    {
        var port = new JsonObject { ["containerPort"] = number, ["protocol"] = "TCP" };
        if (number == _containerPort && _options.PortName is { } name)
        {
            port["name"] = name;
        }

        return (JsonNode)port;
    })]);

    private static JsonObject Condition(string type, bool isTrue) => new() { ["type"] = type, ["status"] = isTrue ? "True" : "False" };
}
