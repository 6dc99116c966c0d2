# frozen_string_literal: true

require_relative "internals"
require "crm_sync/store/private_folder"
require "crm_sync/salesforce/session_file"
require "crm_sync/salesforce/sessions"

# An org that gives a session to whoever signs in, and remembers with what.
class FakeOrg
  URL = "https://example.my.salesforce.com"

  attr_reader :used

  # @param rotate [Boolean] whether each sign-in gives a new refresh token and takes only the newest
  def initialize(rotate: false, valid: nil)
    @rotate = rotate
    @valid = valid
    @used = []
    @mutex = Mutex.new
  end

  # Somebody authorizes the app anew.
  def authorize(token)
    @valid = token
  end

  def to_proc
    method(:sign_in).to_proc
  end

  def sign_in(refresh_token)
    @mutex.synchronize do
      @used << refresh_token
      raise CrmSync::AuthenticationError, "expired refresh token" unless refresh_token == @valid

      @valid = "R#{@used.size}" if @rotate
      { access_token: "T#{@used.size}", instance_url: URL, refresh_token: (@valid if @rotate) }
    end
  end
end

# Reads and writes as it is told, for what goes wrong.
class HashStore
  attr_reader :records, :synchronized

  def initialize(records = {})
    @records = records
    @synchronized = 0
  end

  def read(key)
    @records[key]
  end

  def write(key, record)
    @records[key] = record
  end

  def synchronize(_key)
    @synchronized += 1
    yield
  end
end
