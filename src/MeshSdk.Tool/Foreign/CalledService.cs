using MeshSdk.Model;

namespace MeshSdk.Tool.Foreign;

/// <summary>A service that calls go to, and who makes them.</summary>
/// <param name="Host">Its fully qualified name.</param>
internal sealed record CalledService(ServiceId Id, string Host, CallerContext Caller)
{
    /// <summary>Whether a host of an object means it. One without a dot is completed in the namespace of the object.</summary>
    public bool IsMeantBy(string host, string ns)
    {
        var name = host.ToLowerInvariant();
        if (name.StartsWith('*'))
        {
            return Host.EndsWith(name[1..], StringComparison.Ordinal);
        }

        return name.Contains('.', StringComparison.Ordinal) ? name == Host : name == Id.Name && ns == Id.Namespace;
    }

    /// <summary>Whether an <c>exportTo</c> lets the caller see an object. A list that is empty lets everybody.</summary>
    public bool IsExportedToCaller(IReadOnlyCollection<string> exportTo, string ns) =>
        exportTo.Count == 0 || exportTo.Any(entry => entry == "*" || (entry == "." ? ns : entry) == Caller.Namespace);
}
