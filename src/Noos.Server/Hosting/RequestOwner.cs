using Microsoft.AspNetCore.Http;

namespace Noos.Server.Hosting;

/// <summary>Whose a request is.</summary>
static class RequestOwner
{
    /// <summary>Of requests that nobody has signed.</summary>
    public const string Anyone = "api";

    public static string Of(HttpContext http) =>
        http.User.Identity is { IsAuthenticated: true, Name: { Length: > 0 } name } ? name : Anyone;
}
