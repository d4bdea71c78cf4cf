using MeshSdk.Conformance.Cases;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Which rule a request is for.</summary>
internal static class MatchingScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Gateway("httproute-simple-same-namespace", "HTTPRoute", Row("/", V1)),
        Gateway("httproute-matching", "HTTPRoute", PathAndHeader(V1, V2)),
        Gateway(
            "httproute-matching-across-routes",
            "HTTPRoute",
            Row("/", V1), Row("/example", V1), Row("/example", ("Version", "one"), V1), Row("/v2", V2), Row("/v2/example", V2), Row("/", ("Version", "two"), V2)),
        Gateway(
            "httproute-exact-path-matching",
            "HTTPRoute",
            Row("/one", V1), Row("/two", V2), Row("/", 404), Row("/one/example", 404), Row("/two/", 404), Row("/Two", 404)),
        Gateway(
            "httproute-path-match-order",
            "HTTPRoute",
            Row("/match/exact/one", V3), Row("/match/exact", V2), Row("/match", V1), Row("/match/prefix/one/any", V2), Row("/match/prefix/any", V1),
            Row("/match/any", V3)),
        Gateway("httproute-header-matching", "HTTPRoute", Header()),
        Gateway("httproute-method-matching", "HTTPRouteMethodMatching", Method()),
        Gateway("httproute-query-param-matching", "HTTPRouteQueryParamMatching", [
            .. Query(V1, V2),
            Row("/?animal=dolphin&color=blue", V3),
            Row("/?ANIMAL=Whale", V3),
            Row("/?ANIMAL=whale", 404),
            Row("/path2?animal=whale", ("version", "two"), V3),
            Row("/?animal=hydra", ("version", "four"), V3),
        ]),
    ];

    public static IReadOnlyList<Case> PathAndHeader(string one, string two) =>
    [
        Row("/", one), Row("/example", one), Row("/", ("Version", "one"), one), Row("/v2", two), Row("/v2/example", two), Row("/", ("Version", "two"), two),
        Row("/v2/", two), Row("/v2example", one), Row("/foo/v2/example", one),
    ];

    public static IReadOnlyList<Case> Query(string one, string two) =>
    [
        Row("/?animal=whale", one), Row("/?animal=dolphin", two), Row("/?animal=whale&otherparam=irrelevant", one), Row("/?animal=dolphin&color=yellow", two),
        Row("/?color=blue", 404), Row("/?animal=dog", 404), Row("/?animal=whaledolphin", 404), Row("/", 404),
        Row("/path1?animal=whale", one), Row("/?animal=whale", ("version", "one"), two), Row("/path3?animal=shark", one),
        Row("/path4?animal=kraken", ("version", "three"), one), Row("/?animal=shark", 404), Row("/path4?animal=kraken", 404), Row("/path5?animal=hydra", one),
    ];

    private static IReadOnlyList<Case> Header() =>
    [
        Row("/", ("Version", "one"), V1),
        Row("/", ("Version", "two"), V2),
        Row(Call.Get("/", ("Version", "two"), ("Color", "orange")), Expected.From(V1)),
        Row(Call.Get("/", ("Version", "two"), ("Color", "blue")), Expected.From(V2)),
        Row(Call.Get("/", ("Color", "orange")), Expected.Answer(404)),
        Row(Call.Get("/", ("Some-Other-Header", "one")), Expected.Answer(404)),
        Row("/", ("Color", "blue"), V1),
        Row("/", ("Color", "green"), V1),
        Row("/", ("Color", "red"), V2),
        Row("/", ("Color", "yellow"), V2),
        Row(Call.Get("/", ("Color", "purple")), Expected.Answer(404)),
        Row(Call.Get("/", ("Version", "One")), Expected.Answer(404)),
    ];

    private static IReadOnlyList<Case> Method()
    {
        static Case To(string method, string path, string pod, params (string, string)[] headers) => Row(Call.Send(method, path, headers), Expected.From(pod));
        return
        [
            To("POST", "/", V1), To("GET", "/", V2), Row(Call.Send("HEAD", "/"), Expected.Answer(404)), To("GET", "/path1", V1),
            To("PUT", "/", V2, ("version", "one")), To("POST", "/path2", V3, ("version", "two")), To("PATCH", "/path3", V1),
            To("DELETE", "/path4", V1, ("version", "three")), Row(Call.Send("PUT", "/"), Expected.Answer(404)),
            Row(Call.Send("DELETE", "/path4"), Expected.Answer(404)), To("PATCH", "/path5", V1), To("PATCH", "/", V2, ("version", "four")),
        ];
    }
}
