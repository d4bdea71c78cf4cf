using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using MeshSdk.Compilation.Localities;
using MeshSdk.Compilation.Policies;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>
/// What holds for each port of a service: the destination rules that count for it, block by block what the Service or the mesh says where these say nothing,
/// and Istio's defaults under all of it. What is not acted on is reported.
/// </summary>
internal sealed class PolicyCompiler
{
    private const string PolicyPath = "spec.trafficPolicy";

    private readonly ImmutableArray<DestinationRule> _rules;
    private readonly MeshDefaults _mesh;
    private readonly DiagnosticList _diagnostics;
    private readonly PolicyBlock _annotation;
    private readonly ImmutableArray<PolicySubset> _subsets;

    /// <param name="service">Whose policies they are.</param>
    /// <param name="rules">Those that count as one, the oldest first; empty where none applies.</param>
    /// <param name="mesh">What holds where they say nothing.</param>
    /// <param name="diagnostics">Where problems go.</param>
    public PolicyCompiler(Service service, ImmutableArray<DestinationRule> rules, MeshDefaults mesh, DiagnosticList diagnostics)
    {
        _rules = rules;
        _mesh = mesh;
        _diagnostics = diagnostics;
        _annotation = OutlierAnnotation.Of(service, diagnostics);
        _subsets = SubsetReader.Read(rules, diagnostics);
    }

    public CompiledPolicy Compile(ServicePort port)
    {
        // No field is merged: the oldest rule that has a policy at all gives the whole of it.
        var rule = _rules.IsEmpty ? null : _rules.FirstOrDefault(static candidate => candidate.Spec.TrafficPolicy is not null) ?? _rules[0];
        var general = rule?.Spec.TrafficPolicy;
        var (policy, path) = ForPort(rule, general, port.Port);
        var place = new PolicyBlock(rule!, path, null, _diagnostics);
        PolicyFields.ReportUnknown(general, place with { Path = PolicyPath });
        PolicyFields.ReportUnknown(policy, place);
        At("tunnel", policy?.Tunnel).NotImplemented();

        // A block that is none is as good as none.
        var pool = WithDefault(At("connectionPool", policy?.ConnectionPool).Mapping(), _mesh.ConnectionPool);
        var stated = At("outlierDetection", policy?.OutlierDetection).Mapping();
        JudgeOvershadowed(stated, port);
        var outliers = WithDefault(stated, _annotation, _mesh.OutlierDetection);
        var detection = outliers.Exists ? OutlierDetectionReader.Read(outliers) : null;
        return new CompiledPolicy(
            LoadBalancerReader.Read(policy?.LoadBalancer, place with { Path = $"{path}.loadBalancer" }),
            WithRest(new ConnectionPoolReader(_mesh).Read(pool, PortProtocol.Of(port)), At("retryBudget", policy?.RetryBudget), At("proxyProtocol", policy?.ProxyProtocol)),
            rule is null ? null : TlsModeReader.Read(policy, general, place, PolicyPath),
            StatedBy(rule, policy, outliers.Json, pool.Json))
        {
            OutlierDetection = detection,
            PanicThreshold = detection is null ? 0 : OutlierDetectionReader.PanicThreshold(outliers),
            Locality = policy?.LoadBalancer?.LocalityLbSetting is { } locality
                ? new LocalityBlock(rule!, locality, $"{path}.loadBalancer.localityLbSetting")
                : null,
        };

        PolicyBlock At(string name, JsonElement? json) => place with { Path = $"{path}.{name}", Json = json };
    }

    /// <summary>Says which entries are for ports that the service does not have, and what entries drop that only the general policy can state.</summary>
    public void Report(Service service, ImmutableArray<ServicePort> ports)
    {
        if (_rules.FirstOrDefault(static candidate => candidate.Spec.TrafficPolicy is not null) is not { Spec.TrafficPolicy: { } general } rule)
        {
            return;
        }

        var entries = general.PortLevelSettings.OrEmpty();
        for (var i = 0; i < entries.Length; i++)
        {
            var path = $"{PolicyPath}.portLevelSettings[{i}]";
            if (entries[i]?.Port?.Number is { } number && !ports.Any(port => port.Port == number))
            {
                _diagnostics.Warning(
                    rule, DiagnosticCode.TargetNotFound, $"{path}.port.number",
                    string.Create(CultureInfo.InvariantCulture, $"Service {service.ServiceId()} has no port {number}, so that the entry does not count; ")
                    + $"its ports, not its targetPorts, are {string.Join(", ", ports.Select(static port => port.Port))}");
            }
        }
    }

    private void ReportDropped(DestinationRule rule, TrafficPolicy general, TrafficPolicy entry, string path)
    {
        var dropped = new List<string>();
        foreach (var (name, ofEntry, ofGeneral) in new[]
        {
            ("tunnel", entry.Tunnel, general.Tunnel), ("proxyProtocol", entry.ProxyProtocol, general.ProxyProtocol),
            ("retryBudget", entry.RetryBudget, general.RetryBudget),
        })
        {
            if (ofEntry is not null)
            {
                _diagnostics.Warning(rule, DiagnosticCode.Ignored, $"{path}.{name}", "an entry for a port cannot state it; only the policy for all ports can");
            }

            if (ofGeneral is not null)
            {
                dropped.Add(name);
            }
        }

        if (dropped.Count > 0)
        {
            _diagnostics.Warning(
                rule, DiagnosticCode.Ignored, path,
                $"the entry replaces the general policy for its port also in {string.Join(" and ", dropped)}, which no entry can state; where that is to hold, leave the entry out");
        }
    }

    /// <summary>An entry for the port replaces the general policy, also in what it does not state.</summary>
    private (TrafficPolicy? Policy, string Path) ForPort(DestinationRule? rule, TrafficPolicy? general, int servicePort)
    {
        var entries = (general?.PortLevelSettings).OrEmpty();
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i]?.Port?.Number == servicePort)
            {
                var path = $"{PolicyPath}.portLevelSettings[{i}]";
                ReportDropped(rule!, general!, entries[i], path);
                return (entries[i] with { Tunnel = null, ProxyProtocol = null, RetryBudget = null }, path);
            }
        }

        return (general, PolicyPath);
    }

    /// <summary>An annotation that a rule takes the place of is still one that people wrote and may fall back on.</summary>
    private void JudgeOvershadowed(PolicyBlock stated, ServicePort port)
    {
        if (!stated.Exists || !_annotation.Exists)
        {
            return;
        }

        OutlierDetectionReader.Read(_annotation);
        OutlierDetectionReader.PanicThreshold(_annotation);
        _diagnostics.Info(
            _annotation.Subject, DiagnosticCode.Ignored, _annotation.Path, $"{stated.Subject} states outlierDetection for port {port.Port}, so that this is not used there");
    }

    /// <summary>Blocks replace each other whole: the first that is there.</summary>
    private static PolicyBlock WithDefault(PolicyBlock stated, params ReadOnlySpan<PolicyBlock> defaults)
    {
        foreach (var block in defaults)
        {
            if (stated.Exists)
            {
                break;
            }

            stated = block.Exists ? block : stated;
        }

        return stated;
    }

    private static CompiledPool WithRest(CompiledPool pool, PolicyBlock retryBudget, PolicyBlock proxyProtocol)
    {
        if (RetryBudgetReader.Read(retryBudget) is { } share)
        {
            pool = pool with { Limits = pool.Limits with { RetryShare = share } };
        }

        proxyProtocol = proxyProtocol.Mapping().OnlyKnown("version");
        return !proxyProtocol.Exists ? pool : pool with
        {
            Connections = pool.Connections with
            {
                ProxyProtocol = proxyProtocol.OneOf("version", "V1", "V2") == "V2" ? ProxyProtocol.V2 : ProxyProtocol.V1,
            },
        };
    }

    private ClusterPolicy StatedBy(DestinationRule? rule, TrafficPolicy? policy, JsonElement? outlierDetection, JsonElement? connectionPool)
    {
        if (rule is null && outlierDetection is null && connectionPool is null)
        {
            return ClusterPolicy.None;
        }

        return new ClusterPolicy(rule is null ? null : _rules[0].ServiceId(), TlsModeReader.ModeOf(policy?.Tls), outlierDetection, connectionPool)
        {
            Merged = [.. _rules.Select(static merged => merged.ServiceId())],
            StatesLoadBalancer = policy?.LoadBalancer is not null,
            Subsets = _subsets,
        };
    }
}
