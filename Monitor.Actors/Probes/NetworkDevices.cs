namespace RalmActors.Monitoring.Probes;

/// <summary>
/// /proc/net/dev by interface, and which of them carry what the node sends and receives. A bridge, a container's veth pair, a
/// tunnel or a bond shows bytes again that a card has carried already.
/// </summary>
/// <param name="sys">Where sysfs is mounted.</param>
public sealed class NetworkDevices(string sys)
{
    public const int Received = 0;
    public const int Sent = 1;
    public const int ReceiveErrors = 2;
    public const int SendErrors = 3;

    /// <summary>Made by software, whatever the system: only what passes a card as well, or never leaves the node.</summary>
    private static readonly string[] Virtual =
    [
        "lo",
        "docker",
        "podman",
        "veth",
        "br-",
        "br",
        "virbr",
        "vmbr",
        "lxcbr",
        "lxdbr",
        "lxc",
        "cni",
        "cali",
        "cilium",
        "flannel",
        "weave",
        "kube",
        "nodelocaldns",
        "ovs",
        "genev",
        "vxlan",
        "vnet",
        "vmnet",
        "vboxnet",
        "vethernet",
        "tap",
        "tun",
        "tunl",
        "wg",
        "tailscale",
        "zt",
        "utun",
        "dummy",
        "ifb",
        "nlmon",
        "sit",
        "gre",
        "erspan",
        "ip6",
        "ip_vti",
        "teql",
        "macvtap",
        "macvlan",
        "ipvlan",
        "bridge",
        "awdl",
        "llw",
        "anpi",
        "stf",
        "gif",
    ];

    /// <summary>Stand on others where those are to be seen, and alone where they are not.</summary>
    private static readonly string[] Stacked = ["bond", "team", "vlan", "ppp", "lagg"];

    private readonly string _classes = Path.Combine(sys, "class/net");
    private Dictionary<string, bool> _hasCard = new(StringComparer.Ordinal);

    public static Dictionary<string, long[]> Parse(ReadOnlySpan<byte> text)
    {
        var devices = new Dictionary<string, long[]>(StringComparer.Ordinal);
        while (!text.IsEmpty)
        {
            var line = Fields.NextLine(ref text);
            var colon = line.IndexOf((byte)':');
            if (colon < 0)
            {
                continue;
            }

            var name = System.Text.Encoding.UTF8.GetString(line[..colon].Trim((byte)' '));
            var words = new Fields(line[(colon + 1)..]);
            var counters = new long[4];
            counters[Received] = words.NextNumber();
            words.Next();
            counters[ReceiveErrors] = words.NextNumber();
            words = words.Skip(5);
            counters[Sent] = words.NextNumber();
            words.Next();
            counters[SendErrors] = words.NextNumber();
            devices[name] = counters;
        }

        return devices;
    }

    /// <summary>
    /// Where sysfs shows cards, those; an accelerated card's second face is not counted beside the first. In a container no
    /// interface has a card: there, what the names do not give away as virtual.
    /// </summary>
    public List<string> Physical(IReadOnlyCollection<string> names)
    {
        _hasCard = names.ToDictionary(n => n, n => _hasCard.TryGetValue(n, out var known) ? known : HasCard(n));
        var cards = names.Where(n => _hasCard[n]).ToList();
        return cards.Count == 0 ? ByName(names) : [.. cards.Where(n => !cards.Exists(upper => IsBeneath(n, upper)))];
    }

    public static List<string> ByName(IReadOnlyCollection<string> names)
    {
        var rest = names.Where(n => !StartsWithWord(n, Virtual)).ToList();
        var alone = rest.Where(n => !StartsWithWord(n, Stacked) && !rest.Exists(other => IsPartOf(n, other))).ToList();
        return alone.Count > 0 ? alone : rest;
    }

    private bool HasCard(string name) => Path.Exists(Path.Combine(_classes, name, "device"));

    private bool IsBeneath(string name, string upper) => Path.Exists(Path.Combine(_classes, upper, $"lower_{name}"));

    /// <summary>eth0.100, eth0:1 and eth0@if7 are parts of eth0.</summary>
    private static bool IsPartOf(string name, string whole) =>
        name.Length > whole.Length
        && name.StartsWith(whole, StringComparison.Ordinal)
        && name[whole.Length] is '.' or ':' or '@';

    /// <summary>A word of the list, and behind it nothing, or what is no letter: brand0 is no br.</summary>
    private static bool StartsWithWord(string name, string[] words) =>
        Array.Exists(
            words,
            w =>
                name.StartsWith(w, StringComparison.OrdinalIgnoreCase)
                && (
                    name.Length == w.Length
                    || !char.IsAsciiLetter(name[w.Length])
                    || w is "veth" or "cali" or "zt" or "lxc"
                )
        );
}
