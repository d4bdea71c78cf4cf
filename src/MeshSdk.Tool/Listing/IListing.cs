using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Listing;

/// <summary>One of the things that can be listed.</summary>
internal interface IListing
{
    /// <summary>As it is asked for.</summary>
    string Name { get; }

    /// <summary>The kinds of objects that it is made from.</summary>
    IReadOnlyList<string> Kinds { get; }

    Table ToTable(MeshView view);

    /// <summary>A JSON array.</summary>
    string ToJson(MeshView view);
}
