using System.Text.Json.Serialization;
using Noos.Kernel.Processes;

namespace Noos.Server.Accounts;

/// <summary>How it is known who asks.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<VisitorKind>))]
public enum VisitorKind
{
    /// <summary>It is not known.</summary>
    Nobody,

    /// <summary>Asks from this machine, where no login is needed: the owner.</summary>
    Local,

    /// <summary>A command of the user whose home it is: it has read the key of this start in the home.</summary>
    Command,

    /// <summary>A browser in which the person has logged in.</summary>
    Session,

    /// <summary>A program with an API key.</summary>
    Key,
}
