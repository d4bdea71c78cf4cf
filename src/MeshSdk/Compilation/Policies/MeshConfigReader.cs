using System.Collections.Immutable;
using System.Text.RegularExpressions;
using MeshSdk.Compilation.Localities;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources.Manifests;

namespace MeshSdk.Compilation.Policies;

/// <summary>
/// Reads Istio's MeshConfig, as far as it means anything to a client. It has a hundred fields and more, most of them for proxies: those that are not read
/// here are passed over without a word.
/// </summary>
internal static partial class MeshConfigReader
{
    private const string Path = "data.mesh";
    private const string DefaultsUsed = "; the defaults of the mesh are used";

    // Without these calls would go out under another identity, in plaintext, or past rules: a slip in them must not turn them into their defaults.
    private static readonly string[] Kept =
        ["trustDomain", "trustDomainAliases", "rootNamespace", "enableAutoMtls", "meshMTLS", "defaultDestinationRuleExportTo", "pathNormalization"];

    /// <summary>Whether a version takes the place of the one before it: not where that one can be read, and it says less of security than it means to.</summary>
    public static bool Replaces(MeshConfigMap previous, MeshConfigMap next) => IsSound(next) || !IsSound(previous);

    /// <summary>Says why a version did not take the place of the one before it.</summary>
    public static void ReportRefused(MeshConfigMap map, DiagnosticList diagnostics)
    {
        var own = new DiagnosticList();
        Read(map, own);
        diagnostics.AddRange(
        [
            .. own.ToImmutable().Where(IsBreaking).Select(static fault => fault with
            {
                Message = $"{fault.Message.Replace(DefaultsUsed, "", StringComparison.Ordinal)}; the last version without such a fault stays in force, as a whole",
            }),
        ]);
    }

    /// <summary>Whether a fault of it may hide which namespace's policies count for callers, or as whom these come.</summary>
    public static bool HidesWhoCounts(MeshDiagnostic diagnostic) => diagnostic.Severity == DiagnosticSeverity.Error
        && (diagnostic.Path == Path
            || diagnostic.Path.StartsWith($"{Path}.rootNamespace", StringComparison.Ordinal)
            || diagnostic.Path.StartsWith($"{Path}.trustDomain", StringComparison.Ordinal));

    private static bool IsSound(MeshConfigMap map)
    {
        var diagnostics = new DiagnosticList();
        Read(map, diagnostics);
        return !diagnostics.ToImmutable().Any(IsBreaking);
    }

    private static bool IsBreaking(MeshDiagnostic diagnostic) => diagnostic.Severity == DiagnosticSeverity.Error
        && (diagnostic.Path == Path || Kept.Any(field => diagnostic.Path.StartsWith($"{Path}.{field}", StringComparison.Ordinal)));

    // It may ask for more than the default, under which rules would match less.
    private static MeshConfig Unreadable { get; } = MeshConfig.Empty with { Settings = MeshSettings.Default with { PathNormalization = PathNormalization.Unknown } };

    public static MeshConfig Read(MeshConfigMap map, DiagnosticList diagnostics)
    {
        var root = new PolicyBlock(map, Path, null, diagnostics);
        if (string.IsNullOrWhiteSpace(map.Data.Mesh))
        {
            return MeshConfig.Empty;
        }

        if (!YamlText.TryRead(map.Data.Mesh, out var json, out var problem))
        {
            root.Fault($"it cannot be read: {problem}{DefaultsUsed}");
            return Unreadable;
        }

        root = (root with { Json = json }).Mapping();
        if (!root.Exists)
        {
            return Unreadable;
        }

        if (root.Block("outboundTrafficPolicy").Word("mode") == "REGISTRY_ONLY")
        {
            // What it means for hosts outside the cluster this library does not do, so that a process has to ask for what it does.
            diagnostics.Info(
                map, DiagnosticCode.NotImplemented, $"{Path}.outboundTrafficPolicy.mode", "it is for proxies; Mesh:Outbound = RegistryOnly does it in a process, for names of the cluster");
        }

        return new MeshConfig
        {
            TrustDomain = Domain(root.Member("trustDomain")),
            RootNamespace = Namespace(root.Member("rootNamespace")),
            HidesRules = HidesRules(root),
            Retry = MeshRetryReader.Read(root.Block("defaultHttpRetryPolicy")),
            ConnectTimeout = root.Duration("connectTimeout"),
            Settings = new MeshSettings
            {
                TrustDomainAliases = Domains(root.Items("trustDomainAliases")),
                AutoMtls = root.Flag("enableAutoMtls") ?? true,
                RequiresTls13 = root.Block("meshMTLS").OneOf("minProtocolVersion", "TLS_AUTO", "TLSV1_2", "TLSV1_3") == "TLSV1_3",
                PathNormalization = Normalization(root),
            },
            Defaults = Defaults(root),
        };
    }

    private static PathNormalization Normalization(PolicyBlock root)
    {
        var block = root.Block("pathNormalization");
        var isUnreadable = block.Exists != root.Member("pathNormalization").Exists;
        return block.OneOf("normalization", "DEFAULT", "NONE", "BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES") switch
        {
            "NONE" => PathNormalization.None,
            "DEFAULT" or "BASE" => PathNormalization.Base,
            "MERGE_SLASHES" => PathNormalization.MergeSlashes,
            "DECODE_AND_MERGE_SLASHES" => PathNormalization.DecodeAndMergeSlashes,
            _ => isUnreadable || block.Member("normalization").Exists ? PathNormalization.Unknown : PathNormalization.Base,
        };
    }

    private static MeshDefaults Defaults(PolicyBlock root)
    {
        var policy = DefaultPolicy(root.Block("defaultTrafficPolicy"));
        var keepalive = root.Block("tcpKeepalive").OnlyKnown("probes", "time", "interval");
        var (pool, outliers) = (policy.Block("connectionPool"), policy.Block("outlierDetection"));
        var defaults = new MeshDefaults
        {
            Keepalive = keepalive.Exists ? new TcpKeepalive(keepalive.Limit("probes"), keepalive.Duration("time"), keepalive.Duration("interval")) : null,
            UpgradesToHttp2 = root.OneOf("h2UpgradePolicy", "DO_NOT_UPGRADE", "UPGRADE") == "UPGRADE",
        };

        // Judged once and here, and not again for each of the services that it is for.
        new ConnectionPoolReader(defaults).Read(pool, ClusterProtocol.Auto);
        if (outliers.Exists)
        {
            OutlierDetectionReader.Read(outliers);
            OutlierDetectionReader.PanicThreshold(outliers);
        }

        var silent = new DiagnosticList();
        return defaults with
        {
            ConnectionPool = pool with { Diagnostics = silent },
            OutlierDetection = outliers with { Diagnostics = silent },
            Locality = Locality(root.Member("localityLbSetting")) ?? LocalitySettings.Default,
        };
    }

    /// <summary>Of a traffic policy two blocks can be stated for a whole mesh; what else may stand there is for the services themselves to say.</summary>
    private static PolicyBlock DefaultPolicy(PolicyBlock policy)
    {
        foreach (var name in PolicyFields.Policy)
        {
            if (name is not ("connectionPool" or "outlierDetection") && policy.Member(name) is { Exists: true } other)
            {
                other.Ignored("of a whole mesh only connectionPool and outlierDetection can be stated; state it in a DestinationRule");
            }
        }

        return policy.OnlyKnown(PolicyFields.Policy);
    }

    private static LocalitySettings? Locality(PolicyBlock block) => block.Json is { } json
        ? new LocalitySettingsReader(block.Diagnostics).Read(new LocalityBlock(block.Subject, json, block.Path), hasOutlierDetection: true)
        : null;

    /// <summary>Only these two mean something as a default.</summary>
    private static bool HidesRules(PolicyBlock root)
    {
        var hides = false;
        foreach (var item in root.Items("defaultDestinationRuleExportTo"))
        {
            switch (item.Word())
            {
                case ".":
                    hides = true;
                    break;
                case "*" or null:
                    break;
                case var other:
                    item.Fault($"'{other}' is neither '.' nor '*', and left out");
                    break;
            }
        }

        return hides;
    }

    private static ImmutableArray<string> Domains(IEnumerable<PolicyBlock> items) =>
        [.. items.Select(Domain).OfType<string>().Distinct(StringComparer.Ordinal)];

    private static string? Domain(PolicyBlock field)
    {
        if (field.Word() is not { } domain || TrustDomain().IsMatch(domain))
        {
            return field.Json is null ? null : field.Word();
        }

        field.Fault("it is no trust domain, and left out");
        return null;
    }

    private static string? Namespace(PolicyBlock field)
    {
        if (field.Json is null || field.Word() is not { } name)
        {
            return null;
        }

        if (Label().IsMatch(name))
        {
            return name;
        }

        field.Fault("it is no Kubernetes namespace name, and left out");
        return null;
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9]([-_@a-zA-Z0-9]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-_a-zA-Z0-9]*[a-zA-Z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex TrustDomain();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label();
}
