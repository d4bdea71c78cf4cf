using System.CommandLine;
using MeshSdk.Tool.Configuration.Live;
using MeshSdk.Tool.Identity;

namespace MeshSdk.Tool.CommandLine;

/// <summary>The options that every command takes: where the configuration comes from, who calls, and how to answer.</summary>
internal sealed class ConfigurationOptions(ToolEnvironment environment)
{
    private readonly Option<string[]> _manifests = Recursive(new Option<string[]>("--manifests")
    {
        Description = "A YAML or JSON file, a directory of them (recursive), or - for standard input. Repeatable; the last one wins.",
        HelpName = "PATH",
        Arity = ArgumentArity.OneOrMore,
    });

    private readonly Option<string?> _kubeconfig = Text(
        "--kubeconfig", "FILE", "Reads a live API server. Without --manifests the default: KUBECONFIG, else ~/.kube/config, else the pod's own.");
    private readonly Option<string?> _context = Text("--context", "NAME", "The context of the kubeconfig file. Default: its current one.");
    private readonly Option<string?> _namespace = Text(
        "--namespace", "NS", "The caller's namespace. Default: the context's, in a pod the pod's own, else default.", "-n");
    private readonly Option<string?> _labels = Text("--labels", "K=V,…", "The caller's pod labels.");
    private readonly Option<string?> _locality = Text("--locality", "REGION/ZONE/SUBZONE", "The caller's locality. Default: no preference.");
    private readonly Option<string?> _clusterDomain = Text("--cluster-domain", "DOMAIN", "Default: cluster.local.");
    private readonly Option<string?> _trustDomain = Text("--trust-domain", "DOMAIN", "Default: that of MeshConfig, else cluster.local.");
    private readonly Option<string?> _rootNamespace = Text("--root-namespace", "NS", "Of mesh-wide policies, and of the ConfigMap istio. Default: istio-system.");
    private readonly Option<string> _security = Choice("--security", "off sends in plaintext what should be mTLS.", "on", "off");
    private readonly Option<string> _output = Choice("--output", "The form of the answer.", "text", "json", "-o");
    private readonly Option<string?> _certs =
        Text("--certs", "DIR", "The caller's identity: cert-chain.pem, key.pem, root-cert.pem. Default: what an application would find here.");

    private readonly Option<string> _referenceGrants = Choice(
        "--reference-grants", "Whether a backend in another namespace needs a ReferenceGrant.", "ignore", "enforce");

    private readonly Option<bool> _istioCompatible =
        Recursive(new Option<bool>("--istio-compatible") { Description = "Where the Gateway API leaves a choice, do as Istio does." });

    public IEnumerable<Option> All =>
    [
        _manifests, _kubeconfig, _context, _namespace, _labels, _locality, _clusterDomain, _trustDomain, _rootNamespace,
        _security, _output, _certs, _referenceGrants, _istioCompatible,
    ];

    /// <exception cref="UsageException">A value cannot be used.</exception>
    public async Task<MeshArguments> ReadAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var arguments = Read(line);
        if (arguments.Mesh.Identity.Directory is { } directory)
        {
            await CertificateDirectory.RequireAsync(directory, environment.Time, cancellationToken);
        }

        return arguments;
    }

    private MeshArguments Read(ParseResult line)
    {
        var manifests = line.GetValue(_manifests) ?? [];
        var kubeconfig = line.GetValue(_kubeconfig);
        var context = line.GetValue(_context);
        if (manifests.Length > 0 && (kubeconfig ?? context) is not null)
        {
            throw new UsageException($"--manifests and {(kubeconfig is null ? "--context" : "--kubeconfig")} exclude each other: files or a live API server");
        }

        var live = manifests.Length > 0 ? null : LiveClusterDetection.Find(kubeconfig, context, environment);
        return new MeshArguments
        {
            Mesh = MeshOptionsCheck.Checked(ReadMesh(line, manifests, live)),
            Live = live,
            Json = line.GetValue(_output) == "json",
            Environment = environment,
        };
    }

    private MeshOptions ReadMesh(ParseResult line, string[] manifests, LiveCluster? live)
    {
        var mesh = new MeshOptions
        {
            Manifests = manifests,
            Namespace = line.GetValue(_namespace) ?? live?.Namespace,
            Locality = CheckedLocality(line.GetValue(_locality)),
            Security = line.GetValue(_security) == "off" ? MeshSecurity.Off : MeshSecurity.On,
            ReferenceGrants = line.GetValue(_referenceGrants) == "enforce" ? MeshReferenceGrants.Enforce : MeshReferenceGrants.Ignore,
            IstioCompatible = line.GetValue(_istioCompatible),
        };
        if (line.GetValue(_labels) is { } labels)
        {
            mesh.Labels = LabelList.Parse("--labels", labels);
        }

        mesh.Identity.Directory = line.GetValue(_certs);
        mesh.Identity.AddWorkloadIdentity();
        mesh.ClusterDomain = line.GetValue(_clusterDomain) ?? mesh.ClusterDomain;
        mesh.TrustDomain = line.GetValue(_trustDomain) ?? mesh.TrustDomain;
        mesh.RootNamespace = line.GetValue(_rootNamespace) ?? mesh.RootNamespace;
        return mesh;
    }

    private static string? CheckedLocality(string? text) =>
        text is null || (text.Length > 0 && text[0] != '/' && text.AsSpan().Count('/') <= 2)
            ? text
            : throw new UsageException($"--locality '{text}': region/zone/subzone is expected, later parts may be left out");

    private static Option<string?> Text(string name, string helpName, string description, params string[] aliases) =>
        Recursive(new Option<string?>(name, aliases) { Description = description, HelpName = helpName });

    private static Option<string> Choice(string name, string description, string first, string second, params string[] aliases)
    {
        var option = Recursive(new Option<string>(name, aliases)
        {
            Description = description,
            HelpName = $"{first}|{second}",
            DefaultValueFactory = _ => first,
        });
        option.AcceptOnlyFromAmong(first, second);
        return option;
    }

    private static T Recursive<T>(T option)
        where T : Option
    {
        option.Recursive = true;
        return option;
    }
}
