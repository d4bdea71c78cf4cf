namespace MeshSdk.Resources;

/// <summary>Which Secrets and ConfigMaps policies name, read the same way by the store, by sources that fetch them on demand, and by the compiler.</summary>
internal static class CertificateReferences
{
    /// <summary>As istiod has it, authorities may be in a Secret of their own.</summary>
    public const string AuthoritySuffix = "-cacert";

    private const string ConfigMapScheme = "configmap://";
    private const string SecretScheme = "kubernetes://";

    /// <summary>The ConfigMaps that a policy trusts. They are of its own namespace.</summary>
    public static IEnumerable<ResourceKey> Of(BackendTlsPolicy policy)
    {
        foreach (var reference in policy.Spec.Validation.CaCertificateRefs.OrEmpty())
        {
            if (reference is { Kind: MeshConfigMap.KindName, Group: "", Name.Length: > 0 })
            {
                yield return new(MeshConfigMap.KindName, policy.Metadata.Namespace, reference.Name);
            }
        }
    }

    /// <summary>The objects that a rule has credentials from. They are of the caller's namespace, which is where istiod looks for those of a proxy.</summary>
    public static IEnumerable<ResourceKey> Of(DestinationRule rule, string callerNamespace) => Of(rule.Spec.TrafficPolicy, callerNamespace);

    /// <param name="policy">Null: none.</param>
    /// <param name="callerNamespace">Where they are.</param>
    private static IEnumerable<ResourceKey> Of(TrafficPolicy? policy, string callerNamespace)
    {
        if (policy?.Tls is { Mode: "SIMPLE" or "MUTUAL", CredentialName: { Length: > 0 } name } && Parse(name) is var (kind, found))
        {
            yield return new(kind, callerNamespace, found);
            if (kind == CertificateSecret.KindName)
            {
                yield return new(kind, callerNamespace, found + AuthoritySuffix);
            }
        }

        foreach (var entry in (policy?.PortLevelSettings).OrEmpty())
        {
            foreach (var key in Of(entry, callerNamespace))
            {
                yield return key;
            }
        }
    }

    /// <summary>The kind and the name of the object that a <c>credentialName</c> means; null where it means none that is read.</summary>
    public static (string Kind, string Name)? Parse(string credentialName)
    {
        var (kind, name) = credentialName.StartsWith(ConfigMapScheme, StringComparison.Ordinal)
            ? (MeshConfigMap.KindName, credentialName[ConfigMapScheme.Length..])
            : (CertificateSecret.KindName, credentialName.StartsWith(SecretScheme, StringComparison.Ordinal) ? credentialName[SecretScheme.Length..] : credentialName);
        return name.Length == 0 || name.Contains('/') ? null : (kind, name);
    }
}
