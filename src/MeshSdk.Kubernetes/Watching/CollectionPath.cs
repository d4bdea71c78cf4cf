using System.Globalization;
using System.Text;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>The paths under which an API server has the objects of a target.</summary>
internal sealed class CollectionPath
{
    public const int PageSize = 500;

    /// <summary>Stands for any version at all.</summary>
    public const string AtHand = "0";

    private readonly string _path;
    private readonly string _selectors;

    public CollectionPath(WatchTarget target, string version)
    {
        Version = version;
        (ListForm, WatchForm) = target.IsMetadataOnly ? (MetadataForm("PartialObjectMetadataList"), MetadataForm("PartialObjectMetadata")) : (null, null);
        var root = target.Kind.Group.Length == 0 ? $"api/{version}" : $"apis/{target.Kind.Group}/{version}";
        _path = target.Namespace is null ? $"{root}/{target.Plural}" : $"{root}/namespaces/{Uri.EscapeDataString(target.Namespace)}/{target.Plural}";
        _selectors = Selector("labelSelector", target.LabelSelector) + Selector("fieldSelector", target.FieldSelector);
    }

    public string Version { get; }

    /// <summary>The media type of the form in which a list is wanted; null: the usual one.</summary>
    public string? ListForm { get; }

    /// <summary>The same of the objects in a watch.</summary>
    public string? WatchForm { get; }

    /// <summary>One page of the list.</summary>
    /// <param name="resourceVersion"><c>0</c>: whatever the server has at hand; null: what is true now; otherwise nothing older than that.</param>
    /// <param name="next">The token of the page; null: the first.</param>
    /// <param name="isPaged">False: all at once.</param>
    public string List(string? resourceVersion, string? next, bool isPaged)
    {
        var query = new StringBuilder(_path).Append('?');
        if (isPaged)
        {
            query.Append(CultureInfo.InvariantCulture, $"limit={PageSize}&");
        }

        // A token implies the version that its first page was of, and a server refuses both together.
        if (next is not null)
        {
            query.Append(CultureInfo.InvariantCulture, $"continue={Uri.EscapeDataString(next)}&");
        }
        else if (resourceVersion is not null)
        {
            query.Append(CultureInfo.InvariantCulture, $"resourceVersion={Uri.EscapeDataString(resourceVersion)}&");
            if (resourceVersion != AtHand)
            {
                query.Append("resourceVersionMatch=NotOlderThan&");
            }
        }

        return Finish(query);
    }

    /// <summary>What changes from a version on.</summary>
    /// <param name="resourceVersion">Null: all that there is comes first, and a bookmark marks where it ends.</param>
    /// <param name="timeout">After which the server ends the watch.</param>
    public string Watch(string? resourceVersion, TimeSpan timeout)
    {
        var query = new StringBuilder(_path)
            .Append(CultureInfo.InvariantCulture, $"?watch=true&allowWatchBookmarks=true&timeoutSeconds={(int)timeout.TotalSeconds}&");
        query = resourceVersion is null
            ? query.Append("sendInitialEvents=true&resourceVersionMatch=NotOlderThan&")
            : query.Append(CultureInfo.InvariantCulture, $"resourceVersion={Uri.EscapeDataString(resourceVersion)}&");
        return Finish(query);
    }

    private string Finish(StringBuilder query)
    {
        query.Append(_selectors);
        query.Length--;
        return query.ToString();
    }

    private static string MetadataForm(string kind) => $"application/json;as={kind};g=meta.k8s.io;v=v1";

    private static string Selector(string name, string? selector) =>
        selector is null ? "" : $"{name}={Uri.EscapeDataString(selector)}&";
}
