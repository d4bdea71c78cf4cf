using System.Collections.Immutable;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Api;

/// <summary>One kind in one served version. All versions of a kind share one storage; only <c>apiVersion</c> is rewritten on the way out.</summary>
internal sealed record ResourceType
{
    /// <summary>Empty for the core group.</summary>
    public required string Group { get; init; }

    public required string Version { get; init; }

    public required string Kind { get; init; }

    /// <summary>As in <c>httproutes</c>.</summary>
    public required string Plural { get; init; }

    public required string Singular { get; init; }

    public ImmutableArray<string> ShortNames { get; init; } = [];

    /// <summary>As in <c>all</c>, <c>gateway-api</c>.</summary>
    public ImmutableArray<string> Categories { get; init; } = [];

    public bool IsNamespaced { get; init; } = true;

    /// <summary>Whether <c>/status</c> is a resource of its own, so that a write of either leaves the other alone.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Defined by a CustomResourceDefinition (also those that the server brings itself): no strategic merge patch.</summary>
    public bool IsCustom { get; init; }

    /// <summary>Beside name and namespace, of a custom resource: paths as in <c>spec.color</c>.</summary>
    public ImmutableArray<string> SelectableFields { get; init; } = [];

    public required SchemaNode Schema { get; init; }

    public ImmutableArray<PrinterColumn> Columns { get; init; } = [];

    public string ListKind => Kind + "List";

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>As in <c>httproutes.gateway.networking.k8s.io</c>.</summary>
    public string QualifiedPlural => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}

/// <summary>A column of <c>kubectl get</c>, as in a CRD's <c>additionalPrinterColumns</c>.</summary>
/// <param name="Type">string, integer, number, boolean or date.</param>
/// <param name="JsonPath">As in <c>.spec.hostnames</c>.</param>
/// <param name="Priority">Above 0: only with <c>-o wide</c>.</param>
internal sealed record PrinterColumn(string Name, string Type, string JsonPath, int Priority = 0, string Description = "", string Format = "");
