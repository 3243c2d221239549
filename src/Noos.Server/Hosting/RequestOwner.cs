using Microsoft.AspNetCore.Http;
using Noos.Server.Accounts;

namespace Noos.Server.Hosting;

/// <summary>Whose a request is.</summary>
static class RequestOwner
{
    public static string Of(HttpContext http) => http.GetVisitor().Principal.Owner;

    /// <summary>
    /// "user" is whom a program asks for: the owner of the machine may let it say whose a request is; a member's requests are the member's,
    /// whomever the member's program serves.
    /// </summary>
    /// <param name="http">The request.</param>
    /// <param name="user">Whom it names; null for nobody.</param>
    public static string Of(HttpContext http, string? user) =>
        http.GetVisitor().Principal is { IsAdministrator: false } member ? member.Owner : http.GetVisitor().OwnerFor(user, "user");
}
