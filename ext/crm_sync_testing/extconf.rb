# frozen_string_literal: true

require_relative "../native_library"

NativeLibrary.new("crm_sync_testing").create
