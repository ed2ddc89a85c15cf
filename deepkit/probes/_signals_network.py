"""How clients word what happens below HTTP: lookup, connect, TLS, proxy, timeouts, cuts; signal to patterns.

Collected by client family: Python (socket, urllib3, requests, httpx, aiohttp), Node (libuv,
undici, axios), Go, Java (JDK, okhttp, Reactor Netty), Rust (hyper, reqwest, rustls), .NET,
curl's numbered errors, Chromium's and Firefox's net errors, and the Chinese of Windows
and of common clients.
"""

SIGNALS: dict[str, tuple[str, ...]] = {
    "dns": (
        r"ENOTFOUND|EAI_AGAIN|EAI_NODATA|EAI_NONAME|\bEAI_FAIL", r"getaddrinfo (?:failed|error)|gaierror|addrinfo", r"NameResolutionError|failed to resolve|could not resolve|couldn't resolve|cannot resolve|unable to resolve|resolve host|resolution failed",
        r"name or service not known|nodename nor servname|no address associated with|name does not resolve|temporary failure in name resolution", r"no such host|server misbehaving|lookup \S+ on \S+|lookup \S+: ", r"UnknownHostException|UnresolvedAddressException|DnsNameResolver|DnsResolveContext|DnsErrorCause",
        r"dns error|failed to lookup address|\bDNS (?:lookup|resolution|query|server)\b.{0,40}(?:fail|error|timed? ?out|not)", r"ERR_NAME_NOT_RESOLVED|ERR_NAME_RESOLUTION_FAILED|DNS_PROBE_\w+|NS_ERROR_UNKNOWN_HOST|dnsNotFound", r"curl: ?\(6\)|WinError 1100[1-4]|\[Errno -[2358]\]|\[Errno 1100[14]\]|CURLE_COULDNT_RESOLVE_HOST",
        r"域名(?:解析|无法|不存在|解析失败)|(?:无法|不能)解析|解析.{0,10}(?:域名|主机|地址).{0,6}(?:失败|错误)|DNS ?(?:解析|查询|错误|失败)", r"不知道这样的主机|未知的名称或服务|域名解析暂时失败|找不到.{0,12}(?:IP|ip) ?地址|找不到服务器", r"remote name could not be resolved|SocketException.{0,20}11001|hostname could not be found|server with the specified hostname",
    ),
    "proxy": (
        r"ProxyError|proxy (?:error|connection failed|refused|tunnel|authentication|is not|server (?:is|refus|return|respond))", r"(?:connect|connection) to (?:the )?proxy|proxy responded|proxy returned|via proxy .{0,40}(?:fail|refus|error)", r"tunnel(?:ing)? (?:connection |socket )?(?:failed|could not)", r"ERR_PROXY_\w+|ERR_TUNNEL_\w+|ERR_SOCKS_\w+|ERR_NO_SUPPORTED_PROXIES|NS_ERROR_PROXY\w*",
        r"proxyconnect tcp|socks connect tcp|socks5?:? .{0,40}(?:fail|error|refus|unreachable|reject)|SOCKSHTTPS?ConnectionPool|SocksError|SOCKS5? (?:proxy|server|error|general)", r"curl: ?\((?:5|97)\)|received HTTP code \d+ from proxy|CONNECT tunnel failed", r"unknown scheme for proxy|unsupported proxy|invalid proxy|socksio|missing dependencies for socks|proxy url|proxy uri|check_hostname requires server_hostname",
        r"代理(?:服务器)?(?:的)?(?:连接)?(?:错误|失败|异常|拒绝|无法|超时|未|不可用|出现问题)|(?:无法|不能)连接(?:到)?代理", r"HttpProxyConnect|ProxyConnectException|proxy handshake|unable to tunnel|PROXY_CONNECTION",
    ),
    "proxy_auth": (r"proxy authentication required|\b407\b|authenticate with the proxy|ERR_PROXY_AUTH",),
    "proxy_named": (r"\[proxy\]|\b(?:https?|all)_proxy\b|(?:using|use|through|via|behind|over|with) (?:an? |the |my |our )?(?:\w+ )?proxy|proxy ?(?:mode|source)|系统代理|使用代理|走代理|(?:开|关)了?代理|代理模式|outbound mode|clash|v2ray|proxychains",),
    "proxy_speaks": (r"(?:wrong version number|WRONG_VERSION_NUMBER|first record does not look like a TLS handshake|packet length too long)",),
    "refused": (
        r"ECONNREFUSED|connection refused|actively refused|ConnectionRefused|refused to connect|connection was refused", r"积极拒绝|拒绝(?:了)?(?:连接|访问请求)|连接(?:被|遭)?(?:对方)?拒绝|連線.{0,4}拒絕", r"ERR_CONNECTION_REFUSED|NS_ERROR_CONNECTION_REFUSED|curl: ?\(7\)|WinError 10061|\[Errno (?:111|61|10061)\]|os error (?:111|61|10061)|errno: ?-?(?:4078|111|61)\b",
        r"(?:could ?n[o']t|cannot|can't|unable to|failed to) connect to (?:the |your |a )?(?:local |running )?(?:ollama|lm ?studio|llama|vllm|localhost|127\.0\.0\.1|server at http://(?:localhost|127))", r"is (?:ollama|the server|it) (?:running|started)|ollama .{0,20}not running|(?:ollama|本地服务).{0,10}(?:未启动|没有启动|未运行)",
    ),
    "reset": (
        r"ECONNRESET|connection (?:was )?(?:been )?reset|reset by peer|ConnectionReset|connection_reset", r"forcibly closed|forcefully closed|远程主机强迫关闭|連線已重設|连接(?:已)?(?:被)?(?:对方)?重置|连接被(?:中断|远程)", r"ERR_CONNECTION_RESET|NS_ERROR_NET_RESET|WinError 1005[34]|\[Errno (?:104|54|10054|10053)\]|os error (?:104|54|10054)|curl: ?\((?:56|55)\)",
        r"socket hang up|EPIPE|broken pipe|ECONNABORTED(?!.{0,80}timeout)|ConnectionAborted|software caused connection abort|software in your host machine", r"closed (?:the )?connection without response|RemoteDisconnected|disconnected without sending|ServerDisconnected|server disconnected|empty reply from server|curl: ?\(52\)|NoHttpResponse|failed to respond",
        r"ERR_EMPTY_RESPONSE|ERR_CONNECTION_CLOSED|ERR_CONNECTION_ABORTED|ERR_NETWORK_CHANGED|NS_ERROR_NET_INTERRUPT", r"closed before message completed|closed prematurely BEFORE response|prematurely closed BEFORE|other side closed|UND_ERR_SOCKET|connection (?:was )?(?:unexpectedly )?closed by|unexpected end of stream on (?:http|Connection)|EOFException: \\n not found|underlying connection was closed",
        r"(?:post|get) \"?https?://\S+\"?: EOF\b", r"connection (?:error )?.{0,30}interrupted|网络连接(?:被)?(?:中断|断开|重置)",
    ),
    "connect_timeout": (
        r"connect ETIMEDOUT|connect(?:ion)?[ _]?timeout|UND_ERR_CONNECT_TIMEOUT|ConnectTimeout", r"connect timed out|connecting (?:\S+ ){0,4}timed out|connection to \S+ timed out", r"dial tcp \S+ ?i/o timeout|dial tcp .{0,80}i/o timeout|dial tcp.{0,60}(?:connectex: A connection attempt failed|operation timed out|connection timed out)", r"ERR_CONNECTION_TIMED_OUT|ERR_ADDRESS_UNREACHABLE|NS_ERROR_NET_TIMEOUT(?!_)|NS_ERROR_CONNECTION_TIMEOUT",
        r"WinError 10060|\[Errno (?:110|60|10060)\]|os error (?:110|60|10060)|did not properly respond after a period|由于连接方在一段时间后没有正确答复", r"failed to connect to \S+ (?:\S+ ){0,6}(?:after|timed)|failed to connect to .{0,80}(?:after \d+ ?ms|timed out|port 443)|curl: ?\(28\).{0,40}(?:connect|resolving)", r"连接(?:服务器|主机|到\S{0,40})?超时|連線逾時|连接.{0,20}超时", r"tcp connect error.{0,60}timed out|connection timed out(?! ?after \d+ ?ms ?(?:waiting|reading))|couldn't connect to server",
    ),
    "unreachable": (r"network is unreachable|ENETUNREACH|EHOSTUNREACH|ENETDOWN|no route to host|host is unreachable|host is down|ERR_INTERNET_DISCONNECTED|ERR_NETWORK_IO_SUSPENDED|WinError 1005[01]|WinError 10065|\[Errno (?:101|113|51|65)\]|NoRouteToHost|网络不可达|无网络连接|没有到主机的路由|not connected to the internet|no internet",),
    "read_timeout": (
        r"ReadTimeout|read timed? ?out|reading timed out|read operation timed out|timed out reading|while reading|read timeout", r"request timed? ?out|request timeout|APITimeoutError|APIConnectionTimeout|RequestTimeout|HttpTimeoutException|TimeoutException|TimeoutError|asyncio\.Timeout|ServerTimeout|SocketTimeout",
        r"context deadline exceeded|Client\.Timeout|awaiting (?:response )?headers|timeout awaiting", r"headers timeout|body timeout|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|ESOCKETTIMEDOUT|ECONNABORTED.{0,80}timeout", r"timeout of \d+ ?ms exceeded|timeout after \d+|(?:timed?[ -]?out|aborted) after \d+|exceeded .{0,20}timeout|within \d+ ?m?s\b|deadline (?:exceeded|has elapsed)|deadline has elapsed",
        r"aborted (?:by|due to|because)|user aborted|request was aborted|operation was (?:aborted|canceled|cancelled)|AbortError|task was canceled|signal is aborted", r"curl: ?\(28\)|operation timed out|operation too slow|did not observe any item", r"(?:请求|读取|响应|回应|等待|接口|调用|处理|生成|服务器?)(?:时间)?(?:已)?(?:超时|逾時)|超时(?:未|没有)(?:响应|返回)|等待.{0,12}超时", r"no (?:response|reply|answer) (?:\w+ ){0,4}(?:within|after|for|in) \d+", r"\btimed? ?out\b|\btimeout\b|超时|逾時|ETIMEDOUT",
    ),
    "tls_untrusted": (
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|certificate verification (?:failed|error)", r"unable to get (?:local )?issuer|UNABLE_TO_GET_ISSUER|UNABLE_TO_VERIFY_LEAF|unable to verify the first", r"self[- _]signed|SELF_SIGNED|DEPTH_ZERO", r"unknown authority|not trusted|untrusted root|UntrustedRoot|PartialChain|RemoteCertificateChain|RemoteCertificateNameMismatch|certificate is invalid according",
        r"PKIX path|valid certification path|trust anchor|CertPathValidator|SunCertPathBuilder", r"curl: ?\(60\)|SSL certificate problem|peer certificate cannot be authenticated|ERR_CERT_AUTHORITY_INVALID|ERR_CERT_INVALID|SEC_ERROR_UNKNOWN_ISSUER|MOZILLA_PKIX", r"UnknownIssuer|invalid peer certificate|UnknownCA|unknown[_ ]ca\b", r"证书(?:不受信任|不可信|验证失败|校验失败|链|无效|颁发)|不受信任的(?:根)?证书|无法验证.{0,8}证书|自签名",
    ),
    "tls_expired": (r"certificate (?:has )?expired|CERT_HAS_EXPIRED|CERT_DATE_INVALID|not yet valid|NotValidYet|invalid peer certificate: Expired|CertificateExpired|证书(?:已)?过期|certificate is not valid (?:before|after)|outside its validity",),
    "tls_hostname": (r"hostname mismatch|host ?name .{0,40}does(?: not|n't) match|certificate is not valid for|COMMON_NAME_INVALID|ALTNAME_INVALID|altnames|no (?:alternative|subject alternative)|x509: certificate is (?:valid for|not valid)|NotValidForName|does not match (?:target|certificate)|证书.{0,10}(?:域名|主机名).{0,6}不(?:匹配|符)|no subject alternative",),
    "tls": (
        r"handshake[_ ](?:failure|failed|error|timeout|timed out|eof|exception)|SSLHandshake|TLS handshake|SSL handshake|handshake status|握手", r"UNEXPECTED_EOF_WHILE_READING|EOF occurred in violation|SSLEOFError|SSLZeroReturn|unexpected eof while reading|SSL_ERROR_\w+|SSL_connect", r"curl: ?\((?:35|77|58|59|53)\)|error setting certificate|certificate verify locations|TLS CA certificate bundle|invalid path.{0,30}cacert|No such file.{0,40}(?:cacert|\.pem)|cacert\.pem",
        r"bad record mac|BAD_RECORD_MAC|tlsv1|sslv3|alert (?:number|protocol|internal|handshake)|TLSV1_ALERT|remote error: tls|local error: tls|tls: (?!first record)|received fatal alert|ERR_SSL_\w+|EPROTO|SSLException|SSLProtocolException|SSLError\b", r"before secure TLS|secure (?:TLS |channel|connection) .{0,40}(?:fail|not|could)|SSL connection could not|could not create SSL|SSL/TLS|schannel|SEC_E_\w+|rustls|peer is incompatible|no (?:cipher|protocols?) (?:suites? )?in common|unsupported protocol version|DECRYPTION_FAILED",
        r"无法(?:建立|创建)(?:安全|SSL|TLS)|安全(?:连接|通道).{0,6}(?:失败|错误)|SSL ?(?:错误|连接错误|异常)|TLS ?(?:错误|连接失败)",
    ),
    "stream_cut": (
        r"premature(?:ly)? (?:close|end)|PREMATURE_CLOSE|PrematureClose|prematurely closed DURING|prematurely (?:closed|ended)", r"incomplete chunked read|without sending complete message|IncompleteRead|ChunkedEncodingError|IncompleteMessage|InvalidChunkLength|ProtocolError\('Connection broken", r"unexpected EOF|unexpected end of file|UnexpectedEof|early EOF|unexpected end of stream(?! on)",
        r"stream (?:\w+ )?(?:disconnected|closed|ended|interrupted|aborted|broke|broken|dropped|terminated|was (?:closed|reset|interrupted))|stream error: stream|stream_error|stream-error", r"\bterminated\b", r"ERR_INCOMPLETE_CHUNKED|ERR_HTTP2_\w+|ERR_QUIC_\w+|ERR_CONTENT_LENGTH_MISMATCH|NS_ERROR_NET_PARTIAL", r"INTERNAL_ERROR; received|RST_STREAM|GOAWAY|StreamReset|http2: (?:server|stream|response body closed)|HTTP/2 stream .{0,30}(?:not closed|reset)|REFUSED_STREAM",
        r"response ended prematurely|ClientPayloadError|TransferEncodingError|payload is not completed|ContentLengthError|RemoteProtocolError: peer", r"curl: ?\((?:18|92|16)\)|transfer closed with", r"error reading a body|error decoding response body|body error|reading response body", r"(?:流|输出|回答|响应|回复|生成|传输|连接)(?:式)?(?:被|已|突然|中途|意外|异常)?(?:中断|截断|断开|终止|断流|中止)",
        r"ended without (?:a )?(?:finish|\[?done|completion|stop)|without (?:a )?(?:finish_reason|\[DONE\])|no finish[_ ]reason|missing finish[_ ]reason|before (?:the )?(?:completion|response\.completed|finish)|(?:answer|output|reply|response|generation) (?:was |is |got )?(?:cut|truncated|stopped (?:halfway|mid))|mid-stream",
    ),
    "stream_silent": (r"stream (?:is |was )?(?:stale|idle|stalled|silent|hung)|idle timeout|stalled (?:for|after)|no (?:data|chunks?|tokens?|events?|output|activity|progress) (?:\w+ ){0,3}(?:for|within|after|in) \d+|(?:卡住|卡死|一直(?:转圈|加载|思考)|不动了)",),
    "connection_vague": (r"connection error|fetch failed|failed to fetch|network ?error|APIConnectionError|ERR_FAILED|ERR_NETWORK\b|network request failed|load failed|unable to connect|cannot connect|failed to connect|error sending request|网络(?:连接)?(?:错误|异常|失败|问题|不通)|连接(?:失败|错误|异常)|(?:无法|不能)连接|网络请求失败|Could not connect|communication error|ResourceAccessException|I/O error on",),
    "ipv6": (r"(?:disabl|turn(?:ed|ing)? off|without|no) ?\w* ?ipv6|ipv6 .{0,40}(?:broken|unreachable|hang|timeout|timed out|not work|fail|no route)|prefer(?:ring)? ipv4|(?:curl|ping|wget) -?-?(?:ipv)?4 .{0,30}(?:works|ok|fine)|(?:关闭|禁用) ?ipv6|ipv4first|ipv6.{0,16}(?:不通|超时|失败|异常)",),
    "loss": (r"packet loss|丢包|(?:[1-9]\d?|100)(?:\.\d+)?% (?:packet )?loss|lossy (?:line|link|wi-?fi|network)|retransmi(?:t|ssion)s?",),
    "mtu": (r"\bmtu\b|path mtu|EMSGSIZE|message too long\b|fragmentation needed|(?:large|long|big)(?:r)? (?:requests?|prompts?|packets?|uploads?) (?:hang|stall|fail|time out).{0,60}(?:small|short)|mss clamp",),
    "dns_stale": (r"(?:flush(?:ed|ing)?|clear(?:ed|ing)?) (?:the )?dns.{0,40}(?:help|work|fix|cure|solve)|stale (?:dns|record|address|entry)|(?:old|outdated|wrong) (?:ip|address|dns record)|hosts ?(?:file|文件)|(?:清|刷新).{0,4}dns.{0,10}(?:好|可以|正常)|dns cache|DNS 缓存",),
    "captive": (r"captive portal|hotspot login|network login|sign in to (?:the |your |this )?(?:network|wi-?fi)|log ?in to (?:the |this )?(?:network|wi-?fi)|wi-?fi (?:login|portal)|网络认证|认证页面|portal认证|校园网(?:认证|登录)|network authentication required|\b511\b|NETWORK_AUTHENTICATION",),
}  # fmt: skip
