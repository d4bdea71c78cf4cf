using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Schemas;

/// <summary>What names, labels and annotations may look like.</summary>
internal static partial class MetadataRules
{
    private const int MostAnnotationBytes = 256 * 1024;

    public static void Check(ResourceType type, JsonObject metadata, FieldErrors errors)
    {
        var name = PlainJson.String(metadata["name"]) ?? "";
        var prefix = PlainJson.String(metadata["generateName"]) ?? "";
        if (name.Length > 0)
        {
            Name(type, name, errors);
        }
        else if (prefix.Length == 0)
        {
            errors.Required("metadata.name", "name or generateName is required");
        }

        foreach (var (key, value) in metadata["labels"] as JsonObject ?? [])
        {
            Key("metadata.labels", key, errors);
            if (PlainJson.String(value) is { } text && (text.Length > 63 || !LabelValue().IsMatch(text)))
            {
                errors.Invalid("metadata.labels", text, "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
                    + "start and end with an alphanumeric character, and have at most 63 characters");
            }
        }

        var bytes = 0;
        foreach (var (key, value) in metadata["annotations"] as JsonObject ?? [])
        {
            Key("metadata.annotations", key, errors);
            bytes += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(PlainJson.String(value) ?? "");
        }

        if (bytes > MostAnnotationBytes)
        {
            errors.TooLong("metadata.annotations", MostAnnotationBytes);
        }
    }

    private static void Name(ResourceType type, string name, FieldErrors errors)
    {
        if (type.Group == "rbac.authorization.k8s.io")
        {
            if (name is "." or ".." || name.Contains('/', StringComparison.Ordinal) || name.Contains('%', StringComparison.Ordinal))
            {
                errors.Invalid("metadata.name", name, "may not be '.' or '..' and may not contain '/' or '%'");
            }

            return;
        }

        var (pattern, longest, rule) = (type.Group, type.Kind) switch
        {
            ("", "Service") => (Label1035(), 63,
                "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"),
            ("", "Namespace") => (Label1123(), 63,
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"),
            _ => (Subdomain(), 253,
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"),
        };
        if (name.Length > longest)
        {
            errors.Invalid("metadata.name", name, $"must be no more than {longest} bytes");
        }
        else if (!pattern.IsMatch(name))
        {
            errors.Invalid("metadata.name", name, $"{rule} (regex used for validation is '{pattern.ToString()[2..^2]}')");
        }
    }

    private static void Key(string field, string key, FieldErrors errors)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var name = key[(slash + 1)..];
        if (name.Length is 0 or > 63 || !QualifiedName().IsMatch(name) || (slash >= 0 && (slash > 253 || !Subdomain().IsMatch(key[..slash]))))
        {
            errors.Invalid(field, key, "a key is a name of at most 63 alphanumeric characters, '-', '_' or '.', which may follow a DNS subdomain and '/'");
        }
    }

    [GeneratedRegex(@"\A[a-z]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label1035();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label1123();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"\A(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelValue();

    [GeneratedRegex(@"\A([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex QualifiedName();
}
