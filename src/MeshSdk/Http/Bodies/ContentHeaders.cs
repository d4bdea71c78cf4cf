namespace MeshSdk.Http.Bodies;

/// <summary>The headers of a content that stands in the place of another one.</summary>
internal static class ContentHeaders
{
    public static void Copy(HttpContent from, HttpContent to)
    {
        foreach (var (name, values) in from.Headers.NonValidated)
        {
            if (values.Count == 1)
            {
                to.Headers.TryAddWithoutValidation(name, values.ToString());
            }
            else
            {
                to.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values);
            }
        }
    }
}
