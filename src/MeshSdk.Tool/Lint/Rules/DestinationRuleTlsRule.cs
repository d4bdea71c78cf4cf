using MeshSdk.Sources.Manifests;

namespace MeshSdk.Tool.Lint.Rules;

/// <summary>A tls block without a mode switches TLS off, where its writer mostly wants it on; and which of its fields go together.</summary>
internal sealed class DestinationRuleTlsRule : ILintRule
{
    public const string Code = "TlsModeMissing";
    public const string Settings = "TlsSettings";

    private static readonly string[] Files = ["clientCertificate", "privateKey", "caCertificates"];
    private static readonly string[] Expectations = ["caCertificates", "caCrl", "subjectAltNames"];

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene) =>
        subject.Policies().Select(static policy => policy["tls"]).Where(static tls => tls.Exists).SelectMany(Check);

    private static IEnumerable<LintFinding> Check(LintField tls)
    {
        var mode = tls["mode"];
        if (!mode.Exists)
        {
            yield return tls.Warning(Code, "a tls block without a mode means DISABLE: calls go out in plaintext; state the mode, or leave the block out");
        }

        var credential = tls["credentialName"];
        if (credential.Text is { Length: > 0 })
        {
            foreach (var file in Files.Append("caCrl").Where(name => tls[name].Exists))
            {
                yield return tls[file].Error(Settings, $"{file} and credentialName exclude each other");
            }
        }
        else if (mode.Text == "MUTUAL")
        {
            foreach (var needed in Files.Take(2).Where(name => string.IsNullOrEmpty(tls[name].Text)))
            {
                yield return tls[needed].Error(Settings, $"MUTUAL needs {needed}, or credentialName");
            }
        }

        if (mode.Text == "ISTIO_MUTUAL")
        {
            foreach (var file in Files.Append("credentialName").Append("caCrl").Where(name => !string.IsNullOrEmpty(tls[name].Text)))
            {
                yield return tls[file].Error(Settings, $"with ISTIO_MUTUAL the mesh brings the certificates: {file} must not be set");
            }
        }

        if (tls["insecureSkipVerify"].Node is ScalarNode { Kind: ScalarKind.True })
        {
            foreach (var name in Expectations.Where(name => tls[name].Exists))
            {
                yield return tls[name].Error(Settings, $"with insecureSkipVerify nothing is verified: {name} must not be set");
            }

            if (mode.Text == "SIMPLE" && credential.Text is { Length: > 0 })
            {
                yield return credential.Error(Settings, "with insecureSkipVerify nothing is verified: credentialName, which names the authorities, must not be set");
            }
        }
    }
}
