using System.Buffers;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>How much of the cluster's naming scheme a host spells out.</summary>
internal enum HostNameForm
{
    /// <summary>No name that a Service can have.</summary>
    None,

    /// <summary><c>backend</c></summary>
    Name,

    /// <summary><c>backend.shop</c>, which may as well be a name of the world outside.</summary>
    NameAndNamespace,

    /// <summary><c>backend.shop.svc</c>, with or without the cluster's domain: a name of the cluster's and of nobody else.</summary>
    Complete,
}

/// <summary>The parts of a host that may be the name of a Service. Reading it allocates nothing, since every request to the outside is read too.</summary>
internal readonly ref struct HostName
{
    private const int LongestLabel = 63;
    private const string Marker = "svc";
    private static readonly SearchValues<char> LabelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

    private HostName(HostNameForm form, ReadOnlySpan<char> name, ReadOnlySpan<char> ns)
    {
        Form = form;
        Name = name;
        Namespace = ns;
    }

    public HostNameForm Form { get; }

    public ReadOnlySpan<char> Name { get; }

    /// <summary>Empty where the host names none.</summary>
    public ReadOnlySpan<char> Namespace { get; }

    public static HostName Parse(ReadOnlySpan<char> host, string clusterDomain)
    {
        var dot = host.IndexOf('.');
        if (dot < 0)
        {
            return IsLabel(host) && !host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? new(HostNameForm.Name, host, default) : default;
        }

        var name = host[..dot];
        var rest = host[(dot + 1)..];
        dot = rest.IndexOf('.');
        var ns = dot < 0 ? rest : rest[..dot];
        if (dot < 0)
        {
            return IsLabel(name) && IsLabel(ns) ? new(HostNameForm.NameAndNamespace, name, ns) : default;
        }

        return IsMarker(rest[(dot + 1)..], clusterDomain) && IsLabel(name) && IsLabel(ns) ? new(HostNameForm.Complete, name, ns) : default;
    }

    private static bool IsMarker(ReadOnlySpan<char> rest, string clusterDomain) =>
        rest.StartsWith(Marker, StringComparison.OrdinalIgnoreCase)
        && (rest.Length == Marker.Length
            || (rest[Marker.Length] == '.' && rest[(Marker.Length + 1)..].Equals(clusterDomain, StringComparison.OrdinalIgnoreCase)));

    private static bool IsLabel(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= LongestLabel && text[0] != '-' && text[^1] != '-' && !text.ContainsAnyExcept(LabelCharacters);
}
