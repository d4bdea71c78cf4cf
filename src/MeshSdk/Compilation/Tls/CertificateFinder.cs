using MeshSdk.Resources;

namespace MeshSdk.Compilation.Tls;

/// <summary>Looks up objects that hold certificates, and tells those that are not there from those of which nothing is known.</summary>
internal sealed class CertificateFinder(ResourceStore store)
{
    /// <summary>Null where there is no such object, or it cannot be told.</summary>
    public CertificateData? Find(ResourceKey key) => store.FindCertificates(key);

    /// <summary>Of each part of it the last good version, while there is such an object. A part that was never good is here as it is.</summary>
    public CertificateData? FindGood(ResourceKey key) => store.FindGoodCertificates(key);

    /// <summary>Why it is not there, for people.</summary>
    public string WhyNot(ResourceKey key) =>
        IsUnknown(key) is { } scope ? $"{key} cannot be read: {scope.Reason}" : $"there is no {key}";

    /// <summary>Set where there may be such an object, and nobody knows.</summary>
    public UnknownScope? IsUnknown(ResourceKey key) => store.Unknown.Find(key.Kind, key.Namespace, key.Name);
}
