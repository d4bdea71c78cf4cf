using CsCheck;

namespace MeshSdk.Tests.Fixtures;

/// <summary>Generators over a handful of values.</summary>
internal static class OneOf
{
    public static Gen<T> These<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
