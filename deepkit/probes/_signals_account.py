"""What servers say about keys, credit, limits, content and the form of a request: signal to patterns.

Sentences that only DeepSeek writes stand under names that end in `_deepseek`; what other
servers and clients say in their own words stands beside them. Every pattern is searched
without regard to case in text on one line.
"""

SIGNALS: dict[str, tuple[str, ...]] = {
    "balance_deepseek": (
        r"insufficient balance",
    ),
    "balance": (
        r"key limit exceeded", r"out of (?:\w+ ){0,2}usage", r"used (?:all|up)\b (?:\w+ ){0,3}credits?",
        r"spending (?:limit|cap)", r"requires? more credits?",
        r"(?:spend|spending|budget|credit) (?:limit|cap)\b.{0,20}(?:reached|exceeded|hit)", r"overdue",
        r"in arrears", r"balance (?:is |was |has been )?(?:insufficient|not enough|too low|exhausted|depleted|negative|0\b)",
        r"(?:余额|额度|餘額)(?:已经|已)?不够",
        r"insufficient[_ -](?:account )?(?:balance|credits?|funds|quota(?!.{0,60}requests list)|user quota|fee)",
        r"not enough (?:credit|balance|money)",
        r"(?:余额|餘額|额度|點數|点数|积分|配额)(?:已)?(?:不足|耗尽|用尽|为零|为负)", r"欠费", r"欠費",
        r"余额为 ?0", r"(?:请|需要?)(?:先|及时)?充值", r"账户余额", r"credit balance is too low",
        r"payment required", r"requires? (?:more|at least) [\d$.]* ?credits?", r"can only afford",
        r"exceeded your current quota", r"prompt tokens limit exceeded", r"out of credits?",
        r"no (?:remaining )?credits?\b", r"billing[_ ](?:hard[_ ]limit|not[_ ]active)", r"arrearage",
        r"account (?:is )?overdue", r"overdue[- ]payment", r"never purchased credits",
        r"(?:add|buy|purchase|top[ -]?up) (?:more |your )?(?:credits?|balance|funds)",
        r"quota is not enough", r"pre_consume.{0,20}quota",
        r"free (?:quota|tier|trial).{0,40}(?:exhausted|used up|expired)", r"AllocationQuota",
        r"用户额度不足", r"免费额度.{0,10}(?:用完|耗尽)",
    ),
    "auth_deepseek": (
        r"authentication fails",
    ),
    "auth_key_echo": (
        r"your api key: ?\*+\S{0,200}? is invalid",
    ),
    "auth_no_such_user": (
        r"no such user",
    ),
    "auth": (
        r"(?:issue|problem|trouble) with (?:your|the) (?:\w+ ){0,2}(?:api[_ -]?key|credentials?|token)\b",
        r"(?:鉴权|认证|密钥.{0,2}验证|凭据.{0,2}校验|身份校验)(?:未|没有?|不)通过",
        r"(?:密钥|api ?key|令牌).{0,6}(?:不通过|不正确|错误|失效|无效|有误|填错|不匹配)",
        r"(?:key|token)s?\b.{0,20}(?:expired|been deleted|been revoked|deactivated)",
        r"(?:缺少|没有|未携带).{0,6}(?:authorization|授权|认证|令牌|token)",
        r"(?:credentials?|key|token) (?:validation|verification|check) (?:has )?failed",
        r"(?:请|需要)(?:先)?(?:在?.{0,8})(?:配置|设置|填写|填入|输入).{0,16}(?:密钥|api ?key)",
        (r"(?:configure|provide|supply|enter|set|add|export) (?:an? |your |the )?(?:\w+ "
         r"){0,3}`?\w{0,40}api[_ -]?key"),
        (r"api[_ -]?key(?: environment variable| env var| variable)? (?:is |was )?(?:not (?:set|"
         r"defined|configured|found|provided)|unset|undefined|missing|empty|blank|required)"),
        r"(?:not|n't) find (?:an? |the |any )?(?:\w+ )?(?:api[_ ]?key|credentials?)",
        r"no (?:\w+ )?(?:api[_ ]?(?:key|token)|key|credentials?) (?:was |were )?(?:found|set|configured|available|provided|for)",
        r"未(?:配置|设置|填写|提供|找到).{0,16}(?:api ?key|密钥|密匙|令牌)",
        r"没有.{0,12}(?:api ?key|密钥)", r"密钥.{0,4}(?:没找到|未找到|找不到)",
        r"\boauth\b.{0,50}\b(?:fail\w*|not allowed|expired|invalid|denied|revoked)", r"re-?authenticate",
        r"(?:could not|cannot|failed to|unable to) (?:authenticate|validate (?:the |your )?credentials)",
        r"\bfrom (?:the )?(?:id |access |auth )?token\b", r"api[ _-]?key[ _-](?:deleted|deactivated|disabled)",
        r"passwords? (?:is |was )?(?:incorrect|wrong|invalid)",
        r"(?:login|log-in|sign-?in|logon) (?:failed|failure|error|denied|rejected|was refused)",
        r"PASSWORD\w*WRONG", r"USER_IS_\w+",
        r"(?:wrong|incorrect|invalid) (?:user ?name|password|e-?mail|username or password)",
        r"token (?:is |was )?(?:not valid|revoked|missing)",
        r"account (?:has been |is |was )?(?:suspended|banned|disabled|locked|deactivated)",
        r"账号(?:已)?(?:被)?(?:禁用|停用|锁定)", r"密码错误",
        (r"(?:api[_ ]?key|token|credentials?) (?:\w+ ){0,3}(?:rejected|refused|not accepted|"
         r"unauthori[sz]ed)"),
        r"permission_error",
        r"(?:invalid|incorrect|wrong|expired) \w{1,20} (?:credentials?|(?:api|subscription)[_ -]?key)",
        r"(?:security|session|access|refresh|bearer) token .{0,40}(?:invalid|expired|missing|malformed)",
        r"(?:invalid|missing) subscription key", r"api-key header .{0,12}(?:required|missing|empty)",
        r"(?:login|log-in|sign-?in|authentication) (?:is )?required", r"please (?:log|sign) in(?! to (?:the|this) (?:wi-?fi|network))",
        r"(?:账号|帐号|账户)(?:已)?(?:被)?(?:暂停|停用|禁用|冻结|锁定|注销)",
        (r"(?:invalid|incorrect|wrong|missing|no|bad|expired|revoked|malformed|disabled)[_ "
         r"-](?:an? |user )?(?:api[_ -]?key|user[_ ]key|access[_ -]?token|auth[_ -]?token|token\b(?! count| limit| "
         r"usage)|credentials?|authentication|bearer|x-api-key|auth header)"),
        (r"api[_ -]?key (?:is |was |has been |you provided |provided )*(?:not (?:valid|set|found|"
         r"provided|configured)|invalid|incorrect|missing|expired|required|disabled|revoked|empty)"),
        r"(?:api_key client option|api[_ ]?key) must be set", r"didn'?t provide an api key",
        r"could not resolve authentication", r"\bunauthori[sz]ed\b", r"AuthenticationError",
        r"authentication[_ ](?:error|failed|failure)", r"authorization failed", r"unauthenticated",
        r"(?:认证|鉴权|身份验证|授权|验证|認證|登录|登入)(?:已)?(?:失败|失效|错误|过期|失敗|異常|异常)",
        r"未(?:经)?授权", r"未(?:提供|携带|配置|设置|填写).{0,8}(?:密钥|令牌|key|token)",
        (r"(?:密钥|金鑰|令牌|api ?key|token|key)\s*(?:是|已|为|"
         r"不)?\s*(?:无效|错误|失效|过期|不正确|不存在|为空|缺失|無效|不合法|"
         r"有误)"),
        r"无效的?\s*(?:api ?)?(?:密钥|令牌|api ?key|token|key)", r"""illegal header value b?['"]?bearer""",
        r"no auth credentials found", r'user not found\.?"? ?,? ?"?code"?: ?401', r"cookie auth",
        r"请(?:先|重新)登录", r"login (?:has )?expired", r"session (?:has )?expired", r"not logged in",
        r"token (?:has )?(?:expired|invalid)", r'"code": ?4000[23]\b', r"invalid ?token",
        r"check your api key", r"verify your api key",
    ),
    "key_unsent": (
        r"illegal header value", r"InvalidHeaderValue", r"codec can't encode characters? in position", r"ERR_INVALID_CHAR",
        r"header value .{0,30}(?:invalid|illegal)", r"non ?iso-8859-1 code point",
        r"invalid header (?:value|content)",
    ),
    "concurrency_deepseek": (
        r"your current concurrency is \d+,? which exceeds your concurrency limit",
    ),
    "rate": (
        r"RESOURCE[_ ]?EXHAUSTED", r"throttl(?:ed|ing)", r"\busage (?:is |was |has been )?exceeded",
        r"\brate (?:is )?too high", r"TooManyRequests", r"每(?:分钟|秒|小时|天|日)[^，。]{0,8}(?:上限|限制|限额)",
        r"\b(?:rpm|tpm|rpd|tpd|qps)\b.{0,6}(?:超|达到|exceed|reached)",
        r'rate[ _-]?limit(?!"?:? ?(?:none|null|ok))', r"too many (?:requests|messages)",
        r"\b(?:rpm|tpm|rpd|tpd|rph|qps|ipm) limit", r"limit reached for (?:rpm|tpm)", r"tokens per minute",
        r"requests per (?:minute|day|hour)", r"\blimit_requests\b", r"your current requests list",
        (r"(?:请求|訪問|访问|发送|提问|調用|调用|操作|消息)(?:的|消息的)?(?:过于|太|过|"
         r"频率|次数|速率)?(?:频繁|过快|频率过快|过高|超限|超出|過於頻繁|"
         r"频率)"),
        r"限流", r"限速", r"速率限制", r"频率限制", r"触发.{0,6}(?:限制|风控)",
        r"(?:messages?|requests?|sending|asking) (?:\w+ )?too (?:frequent|fast|quick|often|many)",
        r"(?:reached|hit|exceeded) (?:the |your |its )?(?:\w+ ){0,3}(?:limit|quota)\b",
        r"(?:Request)?LimitExceeded", r"超过(?:了)?.{0,12}(?:频率|频次|次数|速率|上限)",
        r"限制了?(?:访问|请求)?频率", r"(?:请求|访问)(?:速度|频率)(?:过|太)(?:快|高)",
        r"并发(?:数|量)?.{0,6}(?:超|上限|限制)",
        r"(?:reached|exceeded|hit|over) (?:your|the|its) .{0,40}(?:limit|quota)",
        r"(?:usage|message|request|daily|concurrency|concurrent) limit", r"quota[ _]exceeded",
        r"exceeded.{0,20}quota", r"throttl(?:ed|ing)", r"RateLimitError", r"RateLimitReached",
        r"次数(?:已)?(?:用完|达到上限|超限|上限)", r"(?:今日|每日|当日).{0,10}(?:上限|用完)", r"slow down",
    ),
    "rate_upstream": (
        r"(?:rate|limit|too many requests).{0,40}upstream",
        r"error from provider.{0,60}(?:rate|limit|429|quota)", r"provider(?:'s)? rate limit",
        r"rate[- ]limited upstream", r"provider returned error.{0,160}(?:rate[- ]limit|too many requests)", r"upstream.{0,60}(?:rate|limit|429|quota)",
        r"limit of the model .{1,80} is exceeded", r"模型.{0,30}(?:限流|限速)",
        r"上游.{0,20}(?:限流|限制|饱和|负载|繁忙|429)", r"shared (?:pool|quota|key|limit)",
        r"all (?:keys|accounts|channels|providers) .{0,30}(?:limit|cool|exhaust|429)",
        r"free[- ]tier .{0,40}(?:busy|capacity)",
    ),
    "content_deepseek": (
        r"content exists risk",
    ),
    "content": (
        r"(?:不适当|不恰当|不当|不良|不安全)的?(?:内容|信息|言论)", r"(?:触发|违反|命中|未通过)了?[^，。]{0,6}审[核查]",
        r"considered (?:high[- ]risk|unsafe|sensitive)",
        (r"(?:blocked|refused|rejected) (?:by|due to|for) (?!CORS)(?:\w+ ){0,3}(?:safety|content|"
         r"policy|moderation|risk)"),
        r"""content[_ -]filter(?!_results?"?: ?\{?\}?\s*$)(?!['"],? (?:or )?['"])""", r"content management policy",
        r"ResponsibleAIPolicy", r"data[_ ]?inspection[_ ]?failed", r"DataInspectionFailed",
        r"inappropriate content", r"sensitive (?:content|words?|information)",
        r"(?:content|message|text|prompt|input|field)s? (?:\w+ ){0,4}(?:is|was|are) sensitive", r"敏感(?:词|内容|信息)",
        r"违规", r"內容違規", r"内容安全", r"内容审核", r"不合规", r"风险内容", r"涉及风险", r"内容(?:存在|含有?|有)(?:安全)?风险",
        r"content[_ ]policy", r"usage policies", r"safety (?:system|filter|policy)",
        r"flagged (?:by|as|for)", r"moderation", r"(?:beyond|outside) my (?:current )?scope",
        r"我(?:暂时)?无法回答(?:这个|此|该)?问题", r"换个话题", r"SensitiveContentDetected",
        r"prohibited_content",
    ),
    "context_deepseek": (
        r"maximum context length is \d+ tokens\.? ?however,? ?you requested",
    ),
    "context": (
        r"(?:input|prompt) length (?:of )?\d+ .{0,16}(?:exceed|greater|larger|longer)", r"maximum context le\w{0,4}(?:\.\.|…|\W{0,2}$)", r"hit (?:a|the|its) token limit", r"exhausted context", r"context (?:window )?exhausted", r"context length is only", r"tokens? in (?:the )?request (?:is |are )?(?:more|greater|larger)",
        r"(?:more|greater|larger) than (?:the )?max(?:imum)? (?:\w+ )?(?:tokens?|size|length)",
        r"exceeds the maximum size", r"(?:request|prompt|input) (?:size|length) exceeds", r"\d+ input tokens and requested", r"requested \d+ tokens but",
        r"(?:supports?|accepts?|allows?) (?:only |at most |up to )\d+ tokens", r"only supports \d+\b",
        (r"(?:exceeds?|exceeded|exceeding) (?:the )?(?:maximum|max|allowed|permitted|limit of) "
         r"(?:\w+ ){0,3}(?:length|tokens?|size)"),
        r"tokens? (?:count |number |limit |usage )?(?:exceeds?|exceeded|over|too)",
        r"(?:exceeds?|exceeded|larger than|beyond) (?:\w+ ){0,4}context",
        r"context (?!deadline)(?:\w+ ){0,3}(?:exceeded|overflow|too (?:large|long)|full)",
        r"超(?:出|过)(?:了)?(?:模型)?(?:的)?(?:最大|上下文)",
        r"context[_ -]?(?:length|window)[_ -]?(?:exceeded|limit|error|overflow|full)",
        r"ContextWindowExceeded", r"context overflow", r"ContextLimit",
        r"(?:maximum|max) (?:context|prompt|input|sequence|token) ?(?:length|window|tokens?|size|limit)",
        (r"(?:exceed|exceeds|exceeded|larger than|longer than|greater than|over|beyond) (?:the |"
         r"its |this |your )?(?:model'?s? |available |maximum |max )*(?:context|token limit|input "
         r"limit|input length|sequence length)"),
        r"(?:prompt|input|message|conversation|request|context) (?:is |was )?too (?:long|large)",
        r"too many (?:input )?tokens",
        (r"(?:上下文|对话|對話|输入|提示词|会话|文本|消息)(?:的)?(?:长度|内容|總長|窗口|"
         r"token ?数)?(?:(?!次数|频率|条数).){0,6}(?:超(?:出(?!.{0,4}范围)|过|長|长|限)|过长|過長|太长|上限|"
         r"达到上限)"),
        r"reduce (?:the |your )?(?:length|size|number)", r"(?:tokens?|长度).{0,12}超(?:出(?!.{0,4}范围)|过|限)",
        r"最大上下文", r"最大长度", r"range of input length should be", r"inputs? tokens \+ max_new_tokens",
        r"exceed max message tokens", r"max_seq_len", r"max_model_len", r"n_ctx(?!\W{1,4}\d+,\W{1,20}n_batch)", r"n_keep",
        r"length limit reached", r"start a new chat",
        r"请(?:开启|新建|新开)(?:一个)?新(?:的)?(?:对话|聊天|会话)", r"string[_ ]above[_ ]max[_ ]length",
        r"request entity too large", r"payload too large", r"RequestTooLarge",
    ),
    "model_deepseek": (
        r"model not exist\b",
    ),
    "model_names_deepseek": (
        r"supported api model names are",
    ),
    "model": (
        r"model type \S{1,60} (?:is )?not supported", r"""\bmodel["']?: input should be""",
        r"(?:model|endpoint)\w{0,30}\.not_?found", r"function \S{1,60}: not found for account",
        (r"deepseek-[\w.-]{1,60} (?:has been |is |was )(?:deprecated|retired|removed|discontinued|"
         r"no longer)"),
        r"model (?:name|id|identifier)[^.]{0,40}(?:invalid|wrong|unknown|incorrect|unrecogni[sz]ed|not )",
        r"model (?:is |has been |was )?(?:disabled|offline|not enabled|switched off)",
        r"no models? (?:is |are |was |were )?(?:currently )?(?:loaded|available|found|installed|pulled|selected)\b",
        r"unknown provider for model", r"(?:find|locate|load|access to|unable to access) (?:the )?model\b",
        r"model .{0,60}(?:you do not have access|not allowed|not in (?:the )?(?:list|allow))",
        r"model[_ -]not[_ -](?:found|exist|supported|available|open)",
        (r"""model[ :`'"]{0,3}[\w./:@`'"\[\]-]{0,80} (?:is |was |has been |does |could |can )?(?:not """
         r"(?:found|exist|supported|available|valid|be found|a valid|recogni[sz]ed|loaded|"
         r"registered|deployed)|unknown|decommissioned|deprecated|retired|no longer|invalid|unavailable)"),
        r"(?:unknown|invalid|unsupported|no such|undefined|nonexistent) model\b(?! (?:output|response))",
        r"does(?: not|n't) (?:exist|support(?: the)? model)", r"not a valid model", r"model_decommissioned",
        r"ModelNotFound", r"UnsupportedModel", r"ModelNotOpen", r"DeploymentNotFound",
        r"invalid model name",
        (r"(?:模型|模型名称?|model)[^。,.;]{0,60}(?:不存在|未找到|找不到|下线|"
         r"已停用|不支持|无效|未开通|不可用|未部署|有误)"),
        r"(?:接入点|部署|模型服务)(?:.{0,12})?(?:不存在|未开通|不可用)", r"不支持(?:的|该|此)?模型", r"没有(?:这个|该)模型", r"無此模型", r"未知(?:的)?模型",
        r"no endpoints found for", r"LLM Provider NOT provided", r"unable to map .{0,30}provider",
        r"try pulling it", r"pull model manifest", r"file does not exist", r"""you passed ['"`]?deepseek""",
        r"supported (?:api )?models? (?:names? )?(?:are|is|list)",
    ),
    "deserialize": (
        r"failed to deserialize the json body", r"failed to parse the request body as json",
        r"image (?:dimensions?|resolution|media type)\b.{0,60}(?:exceed|invalid|unsupported|must|too)",
        r"data did not match any variant", r"unknown variant", r"json body into the target type",
    ),
    "value_range": (
        r"invalid \w{1,40} value,? the valid range", r"\bin the valid range of\b", r"\bmust be (?:in|within) (?:the )?range\b",
    ),
    "thinking_back": (
        r"(?:missing|requires?|lacks?) .{0,12}(?:reasoning_content|thinking block)",
        r"in the thinking mode must be passed back",
        r"reasoning_content.{0,60}(?:must be|required|missing|passed back)",
    ),
    "history_order": (
        r"""messages with role ['"`]?tool['"`]? must be a response""",
        r"successive user or assistant messages", r"must alternate", r"roles must alternate",
        r"interleave the user", r"tool_call_id.{0,40}(?:not found|is not found|mismatch|missing)",
        r"last message .{0,40}(?:must be|should be|role)", r"first message .{0,40}(?:must be|should be)",
        r"function response parts", r"unexpected role", r"(?:chat|message) history.{0,40}\bno \S+ message",
        r"after (?:\w+ )?message,? next must be",
    ),
    "history_unanswered": (
        r"must be followed by tool messages", r"did not have response messages",
        r"tool_use.{0,60}without.{0,20}tool_result", r"tool_result.{0,60}(?:without|no corresponding)",
        r"tool calls? .{0,40}without (?:a )?(?:response|result)",
        r"no tool (?:output|result|response)s? (?:was |were )?(?:found|for)", r"insufficient tool messages",
        r"unexpected .{0,3}tool_use_id", r"tool_(?:use|result)\W{1,3}block must have a corresponding",
        r"tool (?:result|response|output)s? (?:is|are|was|were) missing",
        r"missing tool (?:result|response|output)",
        r"(?:orphan(?:ed)?|unanswered|dangling|unresolved) tool[ _]?(?:calls?|use|results?)",
        r"工具(?:调用)?(?:结果|响应)?.{0,6}(?:缺失|缺少|丢失|未闭合)",
    ),
    "history_empty_turn": (
        r"content or tool_calls must be set", r"invalid assistant message(?!:? (?:the )?[`'\"]?tool_calls)",
        r"assistant(?: message)?.{0,40}(?:must not be empty|cannot be empty|is empty|empty content)",
        r"must have non-?empty content",
    ),
    "session_broken": (
        r"after i (?:pressed|hit|press) (?:esc|stop|ctrl)",
        (r"(?:history|context|session|conversation) (?:is |was |got |became |has become |appears? "
         r")?(?:corrupt\w*|broken|poisoned|invalid state)"),
        r"restart(?:ing)? the (?:session|conversation|chat)",
        r"(?:session|conversation|chat)s? (?:\w+ ){0,3}(?:freez\w+|frozen|unrecoverabl\w+|unusable)",
        r"(?:stored|saved|resumed|persisted) (?:session|conversation|chat)\b.{0,60}(?:fail|invalid|corrupt|refus|reject)",
        r"(?:历史|上下文|会话)(?:记录)?(?:已)?(?:损坏|错乱|污染)",
        (r"(?:every|each|all) (?:later|further|following|subsequent|next|other|future) (?:call|"
         r"request|message|prompt|turn|question|resume|retry|attempt)"),
        (r"(?:new|fresh|another) (?:chat|conversation|session|thread|topic)s? (?:\w+ "
         r"){0,3}(?:works?|worked|is fine|are fine|fixes|cures|helps|ok)"),
        r"only (?:in )?(?:this|one|that) (?:chat|conversation|session|thread)",
        r"新(?:建|开|的)?(?:一个)?(?:对话|会话|聊天|窗口).{0,12}(?:正常|可以|好了|没问题|就好)",
        r"(?:切换|换)到?(?:了)?(?:其他|其它|别的|另一个?)(?:的)?(?:对话|会话|聊天).{0,6}(?:正常|可以|可正常|没问题)",
        r"(?:对话|会话|回合).{0,6}中断(?:后|之后).{0,4}(?:无法|不能)(?:继续|恢复)",
        r"(?:这个|该|同一个?)(?:对话|会话|聊天).{0,16}(?:一直|每次|总是|都)",
        (r"(?:session|conversation|chat|thread|topic) (?:is |was |has been )?(?:\w+ "
         r")?(?:corrupt(?:ed)?|broken|unusable|stuck|poisoned|bricked)"),
        r"会话(?:已)?(?:损坏|失效|不存在)", r"chat session (?:not found|is invalid)",
        r"invalid (?:parent|message) ?(?:message)? id",
        r"(?:after|once) (?:i |being |the user )?(?:interrupt|abort|cancel|press(?:ing)? esc|ctrl-?c)",
    ),
    "unsupported": (
        r"no endpoints found that (?:support|can|allow)",
        (r"does(?: not|n't) support (?:the )?(?:tools?|function|image|vision|this|that|tool_choice|"
         r"thinking|streaming|json|structured|response_format|system|file|audio|multi)"),
        (r"(?:tools?|functions?|images?|vision|function calling|tool_choice|response_format) (?:is|"
         r"are) (?:not|un)\W?(?:supported|available)"),
        r"type is unavailable now", r"不支持(?:图片|图像|视觉|多模态|函数|工具|该参数|此参数|思考)",
    ),
    "request": (
        r"parameter error", r"no \w+ (?:name )?(?:was )?specified", r"(?:is|are) required\b.{0,60}\bnot (?:provided|given)",
        r"invalid[_ ](?:request|parameter|argument|param|payload|schema|json|value|input|type)",
        (r"(?:参数|參數|请求体|请求格式|请求参数)(?:值|格式)?(?:错误|无效|不合法|不正确|有误|"
         r"非法|異常|异常)"),
        r"\b(?:messages?|parameters?|arguments?|fields?|values?|body)\W{0,3}(?:in (?:the )?request )?(?:is|are) (?:illegal|malformed|not (?:valid|allowed|permitted))",
        r"does not match (?:the )?(?:pattern|schema|format)",
        r"unrecognized (?:request )?(?:argument|key|field)", r"unknown (?:field|parameter|argument|name)",
        r"unexpected (?:keyword argument|field|property)", r"(?:is|are|does) not support(?:ed)?\b",
        r"valid range of",
        r"must be (?:between|in the range|one of|a (?:string|list|number|integer)|less than|greater than)",
        r"(?:parameter|argument|property|value|field)s?\b.{0,60}\b(?:must (?:be|not)|should be|restricted|unexpected)",
        r"\bshould (?:match|not be|be (?:an?|one|between|less|greater))\b", r": empty string\b",
        r"additional propert(?:y|ies)", r"duplicated? \w{0,20} ?(?:id|name)s?\b", r"超出(?:取值|有效)?范围", r"取值(?:无效|错误)",
        r"out of range", r"""prompt must contain the word ['"]?json""", r"response_format", r"image_url",
        r"vision", r"multimodal", r"不支持(?:图片|图像|视觉|多模态|函数|工具|该参数)", r"unprocessable",
        r"bad[ _]request", r"BadRequestError", r"\bValidationException\b", r"malformed (?:request|input)", r"request body was rejected",
        r"extra (?:inputs|fields) are not permitted", r"extra_forbidden", r"input should be",
        r"field required", r"missing (?:required )?(?:field|parameter|property)", r"is a required property",
        r"invalid type: ", r"expected a (?:string|sequence|map)",
        r"schema.{0,40}(?:invalid|not supported|must be)", r"unexpected end of hex escape",
        r"(?:lone|unpaired|invalid) (?:leading |trailing )?surrogate", r"empty input messages",
        r"messages?.{0,20}(?:is required|cannot be empty|不能为空|must not be empty)", r"请求错误",
    ),
}  # fmt: skip
