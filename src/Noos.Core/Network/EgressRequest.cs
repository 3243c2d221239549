namespace Noos.Core.Network;

/// <summary>A request that is about to leave the machine.</summary>
/// <param name="Method">GET, POST, ...</param>
/// <param name="Address">Where it goes.</param>
/// <param name="Origin">Where the first request of its chain of redirects went; the same where nothing was redirected.</param>
/// <param name="Redirects">How many redirects led to it.</param>
/// <param name="HasContent">It carries a body.</param>
public sealed record EgressRequest(HttpMethod Method, Uri Address, Uri Origin, int Redirects, bool HasContent);
