using Noos.Corpus.Cleaning.Pages;

namespace Noos.Corpus.Cleaning;

/// <summary>A page, and what a policy says of it.</summary>
/// <param name="Page">The page.</param>
/// <param name="Copies">Pages in its cluster of copies and near copies, itself included: a weight, and how many sites have it.</param>
/// <param name="Reasons">Why it is dropped, the first reason first; empty for one that is kept.</param>
public sealed record JudgedPage(PageRecord Page, int Copies, IReadOnlyList<string> Reasons);
