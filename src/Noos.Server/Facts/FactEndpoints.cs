using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Noos.Core;
using Noos.Core.Facts;
using Noos.Server.Accounts;
using Noos.Server.OpenAi;
using Noos.Server.Processes;

namespace Noos.Server.Facts;

/// <summary>
/// <c>/api/facts</c>: what is remembered of an owner. What it takes and answers is described in docs/api.md. A fact of another owner is as
/// if it were not there.
/// </summary>
/// <param name="store">Null where the server has no home.</param>
sealed class FactEndpoints(IFactStore? store)
{
    const int MaxPage = 1000;
    const string Source = "api";

    /// <summary>Every address with what it serves.</summary>
    public IEnumerable<(string Address, IReadOnlyList<(string Method, RequestDelegate Handler)> Handlers)> All() =>
    [
        ("/api/facts", [(HttpMethods.Get, ListAsync), (HttpMethods.Post, AddAsync)]),
        ("/api/facts/{id:long}",
            [(HttpMethods.Get, GetAsync), (HttpMethods.Patch, ChangeAsync), (HttpMethods.Delete, ForgetAsync)]),
        ("/api/facts/{id:long}/changes", [(HttpMethods.Get, ChangesAsync)]),
        ("/api/facts/{id:long}/accept", [(HttpMethods.Post, AcceptAsync)]),
        ("/api/facts/{id:long}/undo", [(HttpMethods.Post, UndoAsync)]),
    ];

    IFactStore Store => store ?? throw new NoosException(
        ErrorKind.Refused, "This server remembers nothing; start it with a home ('noos up' without --no-journal).");

    Task ListAsync(HttpContext http)
    {
        var query = new QueryFields(http.Request);
        var (owner, words, limit) = (OwnerOf(http, query), query.Text("q"), (int)(query.Integer("limit", 1, MaxPage) ?? MaxPage));
        var state = query.Text("state") switch
        {
            null => (FactState?)null,
            "kept" => FactState.Kept,
            "waiting" => FactState.Waiting,
            "forgotten" => FactState.Forgotten,
            _ => throw ApiException.Invalid("state", "The parameter \"state\" must be one of: kept, waiting, forgotten."),
        };
        query.RefuseUnknown();
        var found = store is null ? [] : words is null ? store.List(owner, state, limit) : store.Search(owner, words, limit);
        return http.Response.WriteAsJsonAsync(new FactList(found), FactJson.Default.FactList);
    }

    async Task AddAsync(HttpContext http)
    {
        var (owner, fact) = await RequestBody.ReadAsync(http, root => (
            ProcessRequests.ReadOwner(root, http.GetVisitor()),
            new FactVersion(
                root.String("text") ?? throw ApiException.Invalid("text", "The field \"text\" is missing; say what to remember."),
                FactState.Kept, root.Texts("labels", MaxPage) ?? [], Origin: null)));
        var (added, isNew) = Store.Add(owner, fact, Source);
        http.Response.StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        await AnswerAsync(http, added);
    }

    Task GetAsync(HttpContext http) => AnswerAsync(http, Store.Get(ReadOwner(http), IdOf(http)));

    async Task ChangeAsync(HttpContext http)
    {
        var (owner, text, labels) = await RequestBody.ReadAsync(http, root => (
            ProcessRequests.ReadOwner(root, http.GetVisitor()), root.String("text"), root.Texts("labels", MaxPage)));
        var fact = Store.Get(owner, IdOf(http));
        // What a person has written is his word, whoever wrote what stood there; whether it is used he says with "accept".
        var origin = text is null ? fact.Origin : null;
        await AnswerAsync(http, Store.Change(
            owner, fact.Id, new FactVersion(text ?? fact.Text, fact.State, labels ?? fact.Labels, origin), Source));
    }

    Task ForgetAsync(HttpContext http)
    {
        var query = new QueryFields(http.Request);
        var (owner, isForGood) = (OwnerOf(http, query), query.Flag("purge"));
        query.RefuseUnknown();
        var id = IdOf(http);
        if (!isForGood)
        {
            return AnswerAsync(http, Store.Forget(owner, id, Source));
        }

        var fact = Store.Get(owner, id);
        Store.Purge(owner, id);
        return AnswerAsync(http, fact);
    }

    Task ChangesAsync(HttpContext http) => http.Response.WriteAsJsonAsync(
        new FactChangeList(Store.Changes(ReadOwner(http), IdOf(http))), FactJson.Default.FactChangeList);

    async Task AcceptAsync(HttpContext http) =>
        await AnswerAsync(http, Store.Accept(await RequestBody.ReadAsync(http, ReadOwner(http.GetVisitor())), IdOf(http), Source));

    async Task UndoAsync(HttpContext http) =>
        await AnswerAsync(http, Store.Undo(await RequestBody.ReadAsync(http, ReadOwner(http.GetVisitor())), IdOf(http), Source));

    static string ReadOwner(HttpContext http)
    {
        var query = new QueryFields(http.Request);
        var owner = OwnerOf(http, query);
        query.RefuseUnknown();
        return owner;
    }

    static string OwnerOf(HttpContext http, QueryFields query) => http.GetVisitor().OwnerFor(query.Text("owner"));

    static Func<RequestFields, string> ReadOwner(Visitor visitor) => root => ProcessRequests.ReadOwner(root, visitor);

    static Task AnswerAsync(HttpContext http, Fact fact) => http.Response.WriteAsJsonAsync(fact, FactJson.Default.Fact);

    static long IdOf(HttpContext http) =>
        long.Parse((string)http.GetRouteValue("id")!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
