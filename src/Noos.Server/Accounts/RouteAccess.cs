using Microsoft.AspNetCore.Builder;

namespace Noos.Server.Accounts;

/// <summary>
/// Who may use a route, as metadata of its endpoint. This is the one list of them: a route that is not in it, and does not say it itself
/// with <see cref="RouteAccessExtensions.RequireAccess"/>, is the owner's alone.
/// </summary>
public sealed record RouteAccess
{
    RouteAccess(string name) => Name = name;

    /// <summary>Also those whom nobody knows.</summary>
    public static RouteAccess Anyone { get; } = new("anyone");

    /// <summary>Everybody with an account; what is asked for is limited to what is theirs by the handler.</summary>
    public static RouteAccess Account { get; } = new("account");

    /// <summary>The same, but in person: an API key must not make others, or change a password.</summary>
    public static RouteAccess Person { get; } = new("person") { IsInPerson = true };

    /// <summary>Whose the process or timer is that "id" of the address names, and the owner of the machine.</summary>
    public static RouteAccess OwnProcess { get; } = new("own process");

    /// <summary>The same of a permission.</summary>
    public static RouteAccess OwnPermission { get; } = new("own permission");

    /// <summary>The owner of the machine.</summary>
    public static RouteAccess Owner { get; } = new("owner");

    /// <summary>The owner, in person.</summary>
    public static RouteAccess OwnerInPerson { get; } = new("owner in person") { IsInPerson = true };

    public string Name { get; }

    /// <summary>Not with an API key.</summary>
    public bool IsInPerson { get; private init; }

    // The first that fits, so the longer before the shorter.
    static readonly (string Prefix, RouteAccess Access)[] s_routes =
    [
        ("/api/processes/{id", OwnProcess),
        ("/api/processes", Account),
        ("/api/timers/{id", OwnProcess),
        ("/api/timers", Account),
        ("/api/permissions/{id", OwnPermission),
        ("/api/permissions", Account),
        ("/api/approvals", Account),
        ("/api/facts", Account),
        ("/api/teaching", Account),
        ("/api/search", Account),
        ("/api/memory", Account),
        ("/api/chat", Account),
        ("/api/generate", Account),
        ("/api/tags", Account),
        ("/api/ps", Account),
        ("/api/show", Account),
        ("/api/version", Account),
        ("/api/embed", Account),

        // The files and pages that the owner has added.
        ("/api/captures", Owner),

        // What is pulled takes the owner's disk.
        ("/api/pulls", Owner),
        ("/api/pull", Owner),
        ("/api/me/password", Person),
        ("/api/me", Account),
        ("/api/sessions", Person),
        ("/api/keys", Person),
        ("/api/users", OwnerInPerson),
        ("/api/login", Anyone),
        ("/api/logout", Anyone),
        ("/login", Anyone),
        ("/health", Anyone),
        ("/lora-adapters", Account),
        ("/rerank", Account),
        ("/metrics", Owner),
        ("/mcp", Account),
        ("/v1/", Account),
    ];

    /// <summary>Who may use the route of an address; null where the list does not say, which leaves it to the owner.</summary>
    internal static RouteAccess? For(string pattern) =>
        Array.Find(s_routes, route => pattern.StartsWith(route.Prefix, StringComparison.Ordinal)).Access;

    public override string ToString() => Name;
}

/// <summary>Says who may use the routes of others, such as pages.</summary>
public static class RouteAccessExtensions
{
    /// <summary>The last word counts where several are said.</summary>
    /// <param name="builder">The routes.</param>
    /// <param name="access">Who may use them; null says nothing, so that they stay the owner's.</param>
    public static TBuilder RequireAccess<TBuilder>(this TBuilder builder, RouteAccess? access)
        where TBuilder : IEndpointConventionBuilder
    {
        if (access is not null)
        {
            builder.Add(endpoint => endpoint.Metadata.Add(access));
        }

        return builder;
    }
}
