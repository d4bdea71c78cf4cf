using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Tls;

/// <summary>
/// The SPIFFE IDs that pods of a service account may prove: that of the trust domain of the mesh and those of its aliases. One set for each account, however
/// many endpoints run under it.
/// </summary>
internal sealed class AccountIdentities(string trustDomain, ImmutableArray<string> aliases)
{
    private const string DefaultAccount = "default";

    private readonly Dictionary<(string Namespace, string Account), NameSet> _known = [];

    /// <summary>Empty where the parts make no SPIFFE ID.</summary>
    public NameSet Of(Pod pod)
    {
        var key = (pod.Metadata.Namespace, pod.Spec.ServiceAccountName is { Length: > 0 } account ? account : DefaultAccount);
        return _known.TryGetValue(key, out var known) ? known : _known[key] = Make(key.Namespace, key.Item2);
    }

    private NameSet Make(string @namespace, string account)
    {
        var ids = new List<string>(1 + aliases.Length);
        foreach (var domain in aliases.Prepend(trustDomain))
        {
            // An at sign is what trust domains that were made of mail addresses have; certificates have a dot there.
            var text = $"spiffe://{domain.Replace('@', '.')}/ns/{@namespace}/sa/{account}";
            if (SpiffeId.TryParse(text, out _))
            {
                ids.Add(text);
            }
        }

        return [.. ids];
    }
}
