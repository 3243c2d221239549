using Noos.Core.Network;
using Noos.Core.Tools;

namespace Noos.Kernel.Gate;

/// <summary>Holds the requests of a call to the effects that the gate has allowed, redirects included.</summary>
sealed class CallEgress(Authorization authorization)
{
    /// <summary>Null lets a request pass; a sentence refuses it.</summary>
    public string? Refuse(EgressRequest request) => authorization.Effects.Any(effect => Allows(effect, request)) ? null
        : request.Redirects == 0
            ? $"{authorization.Call.Name} did not say that it would open {request.Address.AbsoluteUri}, so it may not."
            : $"{request.Origin.Host} redirects to {request.Address.AbsoluteUri}; open that address itself.";

    bool Allows(Effect effect, EgressRequest request)
    {
        if (!WebAddress.TryParse(effect.Target, out var target))
        {
            return false;
        }

        switch (effect.Kind)
        {
            case EffectKind.Fetch:
                // Reading only: a body or another method would tell more than the address.
                return !request.HasContent && (request.Method == HttpMethod.Get || request.Method == HttpMethod.Head)
                    && SameRequest(target, request.Origin)
                    && (request.Redirects == 0 || WebAddress.Site(request.Address) == WebAddress.Site(target)
                        || authorization.FreeRedirects.Contains(effect.Target));
            case EffectKind.Query or EffectKind.Send:
                return WebAddress.Server(request.Address) == WebAddress.Server(target);
            default:
                return false;
        }
    }

    static bool SameRequest(Uri one, Uri other) => Uri.Compare(
        one, other, UriComponents.HttpRequestUrl, UriFormat.UriEscaped, StringComparison.Ordinal) == 0;
}
