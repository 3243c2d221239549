namespace Noos.Corpus.Extraction.Blocks;

/// <summary>What the words in an element's class and id say of its content.</summary>
[Flags]
enum ElementHints : uint
{
    None = 0,
    Navigation = 1 << 0,
    Breadcrumb = 1 << 1,
    Footer = 1 << 2,
    Header = 1 << 3,
    Sidebar = 1 << 4,
    Comment = 1 << 5,
    Related = 1 << 6,
    Share = 1 << 7,
    Advertisement = 1 << 8,
    Byline = 1 << 9,
    Content = 1 << 10,
    Article = 1 << 11,
    Product = 1 << 12,
    Review = 1 << 13,
    Forum = 1 << 14,
    Popup = 1 << 15,
    Form = 1 << 16,
    Tags = 1 << 17,
    Media = 1 << 18,
    Listing = 1 << 19,
    Pagination = 1 << 20,
    Details = 1 << 21,
    Hidden = 1 << 22,
    User = 1 << 23,
    Documentation = 1 << 24,
    Title = 1 << 25,
    Action = 1 << 26,
}
