using System.CommandLine;
using System.Globalization;

namespace Noos.Cli.Permissions;

/// <summary><c>--private-host HOST:PORT</c>, which can be given several times.</summary>
sealed class PrivateHostOption : Option<string[]>
{
    /// <param name="whatFor">The beginning of its description.</param>
    public PrivateHostOption(string whatFor)
        : base("--private-host")
    {
        Description = $"{whatFor}, as HOST:PORT or *.DOMAIN:PORT.";
        HelpName = "HOST:PORT";
        Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (token.Value.LastIndexOf(':') is not (> 0 and var colon)
                    || !ushort.TryParse(token.Value.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _))
                {
                    result.AddError($"\"{token.Value}\" is no host with a port; write it as nas.home:8080.");
                }
            }
        });
    }
}
