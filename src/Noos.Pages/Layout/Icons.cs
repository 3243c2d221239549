using Microsoft.AspNetCore.Components;

namespace Noos.Pages.Layout;

/// <summary>Pictures of buttons, as lines on a square of 24.</summary>
public static class Icons
{
    public const string Plus = "M12 5v14M5 12h14";
    public const string Menu = "M4 6h16M4 12h16M4 18h16";
    public const string Panel = "M4 4h16v16H4zM9 4v16";
    public const string Search = "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5";
    public const string More = "M12 5h.01M12 12h.01M12 19h.01";
    public const string Pin = "M9 3h6l-1 7 4 4H6l4-4zM12 14v7";
    public const string Archive = "M3 5h18v4H3zM5 9v11h14V9M10 13h4";
    public const string Pencil = "M4 20h4L20 8l-4-4L4 16zM14 6l4 4";
    public const string Trash = "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13";
    public const string Fork = "M6 3v6a4 4 0 0 0 4 4h4a4 4 0 0 1 4 4v4M6 9v12M15 18l3 3 3-3";
    public const string Copy = "M9 9h11v11H9zM15 9V4H4v11h5";
    public const string Retry = "M20 5v5h-5M4 19v-5h5M19 10a8 8 0 0 0-14-3M5 14a8 8 0 0 0 14 3";
    public const string Good =
        "M7 11v9H4v-9zM7 11l4-8c2 0 3 1 2.500 3.500L13 10h6c1.200 0 2 1 1.700 2.200l-1.500 6c-.2 1-1 1.800-2.200 1.800H7";
    public const string Bad =
        "M7 13V4H4v9zM7 13l4 8c2 0 3-1 2.500-3.500L13 14h6c1.200 0 2-1 1.700-2.200l-1.500-6C19 4.800 18.200 4 17 4H7";
    public const string Left = "M14 6l-6 6 6 6";
    public const string Right = "M10 6l6 6-6 6";
    public const string Down = "M12 5v14M6 13l6 6 6-6";
    public const string Up = "M12 19V5M6 11l6-6 6 6";
    public const string Clip = "M20 11l-8.500 8.500a5 5 0 0 1-7-7L13 4a3.500 3.500 0 0 1 5 5l-8.500 8.500a2 2 0 0 1-3-3L14 7";
    public const string Microphone = "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM6 11a6 6 0 0 0 12 0M12 17v4M9 21h6";
    public const string Call = "M5 4h4l2 5-3 2a12 12 0 0 0 5 5l2-3 5 2v4a1 1 0 0 1-1 1A16 16 0 0 1 4 5a1 1 0 0 1 1-1z";
    public const string Stop = "M7 7h10v10H7z";
    public const string Play = "M8 5l11 7-11 7z";
    public const string Speaker = "M4 9v6h4l5 5V4L8 9zM16.500 8.500a5 5 0 0 1 0 7M19 6a8.500 8.500 0 0 1 0 12";
    public const string Tool = "M14 7a4 4 0 0 1 5-4l-2.500 2.500 2 2L21 5a4 4 0 0 1-5 5L8 18a2.100 2.100 0 0 1-3-3z";
    public const string Shield = "M12 3l8 3v6c0 5-3.500 8-8 9-4.500-1-8-4-8-9V6z";
    public const string Compare = "M4 4h6v16H4zM14 4h6v16h-6z";
    public const string Sun = "M12 3a9 9 0 1 0 0 18z";
    public const string Import = "M12 3v12M7 10l5 5 5-5M4 20h16";
    public const string Export = "M12 15V3M7 8l5-5 5 5M4 20h16";
    public const string Star = "M12 3l2.500 6 6.500.5-5 4.200 1.600 6.300L12 16.500 6.400 20 8 13.700l-5-4.200 6.500-.5z";
    public const string File = "M6 2h8l5 5v15H6zM14 2v5h5";
    public const string Keys = "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8";
    public const string Folder = "M3 6h6l2 2h10v11H3z";
    public const string Context = "M4 6h16M4 10h16M4 14h10M4 18h6";
    public const string Check = "M5 13l4 4L19 7";

    // Monitor, traces, models
    public const string Trace = "M4 6h7M9 12h8M14 18h6";
    public const string Kill = "M6 6l12 12M18 6L6 18";
    public const string Download = "M12 3v12M7 10l5 5 5-5M4 20h16";

    /// <summary>A picture as markup, which costs a page less than an <see cref="Icon"/> of its own: for lists.</summary>
    /// <param name="path">One of the above.</param>
    public static MarkupString Draw(string path) =>
        new($"""<svg aria-hidden="true" viewBox="0 0 24 24"><path d="{path}"></path></svg>""");
}
