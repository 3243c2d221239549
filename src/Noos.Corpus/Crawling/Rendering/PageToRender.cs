using Noos.Corpus.Addresses;

namespace Noos.Corpus.Crawling.Rendering;

/// <summary>A page as its server has sent it.</summary>
/// <param name="Address">Where it was fetched.</param>
/// <param name="ContentType">As the server says it.</param>
/// <param name="Body">Unpacked.</param>
sealed record PageToRender(string Address, string ContentType, ReadOnlyMemory<byte> Body);

/// <summary>What a page asks for.</summary>
/// <param name="Url">With http or https.</param>
/// <param name="IsScript">It is a script, which many pages of a site ask for.</param>
readonly record struct PageRequisite(WebUrl Url, bool IsScript);
